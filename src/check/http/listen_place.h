// SPDX-License-Identifier: Apache-2.0
// Where a listener listens: "127.0.0.1:8467", "[::1]:8467", "localhost:8467", port 0 for a free one; or
// "unix:/run/dialin/check.sock".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dialin {

struct ListenPlace {
  std::string path;  // not empty: a Unix socket
  std::string host;  // numeric, without brackets
  std::uint16_t port = 0;

  // Error(Configuration) that names `setting` and says what is expected.
  static ListenPlace parse(std::string_view text, std::string_view setting);
  // Whether only this machine reaches it.
  bool is_local() const;
  std::string text() const;
};

}  // namespace dialin

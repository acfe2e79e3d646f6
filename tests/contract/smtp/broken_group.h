// SPDX-License-Identifier: Apache-2.0
// The replies to a group of commands, broken off after every one of them in every way.
#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "support/scripted_smtp_server.h"

namespace dialin::test {

enum class Ending { Goodbye, Reset, Silence, OneTooMany };

inline const char* name_of(Ending ending) {
  switch (ending) {
    case Ending::Goodbye:
      return "Goodbye";
    case Ending::Reset:
      return "Reset";
    case Ending::Silence:
      return "Silence";
    case Ending::OneTooMany:
      return "OneTooMany";
  }
  return "";
}

struct Group {
  const char* name;
  std::vector<std::string> replies;
  bool refuses = false;  // a recipient
};

// Which group, after how many of its replies, and how.
using Break = std::tuple<const Group*, std::size_t, Ending>;

inline auto every_break(const Group& accepted, const Group& refused, std::vector<std::size_t> prefixes) {
  return ::testing::Combine(
      ::testing::Values(&accepted, &refused), ::testing::ValuesIn(std::move(prefixes)),
      ::testing::Values(Ending::Goodbye, Ending::Reset, Ending::Silence, Ending::OneTooMany));
}

inline std::string name_of_break(const ::testing::TestParamInfo<Break>& info) {
  return std::string(std::get<0>(info.param)->name) + std::to_string(std::get<1>(info.param)) +
         name_of(std::get<2>(info.param));
}

// Sends `count` replies of the group, then plays the ending. Returns whatever the client still says.
inline std::string break_off(ScriptedPeer& peer, const Group& group, std::size_t count, Ending ending) {
  // One packet, so that the client never sees a part of it in time to act.
  std::string packet;
  for (std::size_t i = 0; i < group.replies.size(); ++i) {
    if (i == count && ending == Ending::OneTooMany) packet += "250 2.0.0 one too many\r\n";
    if (i < count || ending == Ending::OneTooMany) packet += group.replies[i];
  }
  if (count == group.replies.size() && ending == Ending::OneTooMany) packet += "250 2.0.0 one too many\r\n";
  if (ending == Ending::Goodbye) packet += "421 4.3.2 going down\r\n";
  if (!packet.empty()) peer.send(packet);
  if (ending == Ending::Goodbye) return {};
  if (ending == Ending::Reset) {
    peer.reset();
    return {};
  }
  return peer.read_rest();
}

}  // namespace dialin::test

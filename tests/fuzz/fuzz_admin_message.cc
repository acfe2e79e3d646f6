// SPDX-License-Identifier: Apache-2.0
// Any octets as a message of the admin socket, first a header, then a body of each kind: reading ends with a
// message or an Error(InvalidInput), and what was read is written as the same octets again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "admin/message.h"
#include "base/error.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

template <class Parse, class Compose>
void round_trip(std::string_view octets, const Parse& parse, const Compose& compose) {
  try {
    const auto message = parse(octets);
    const dialin::MessageOctets again = compose(message);
    require(std::string_view(again.data(), again.size()) == octets);
  } catch (const dialin::Error& error) {
    require(error.code() == dialin::ErrorCode::InvalidInput);
  }
}

void look_at_header(std::string_view octets) {
  try {
    const dialin::MessageHeader header =
        dialin::parse_message_header(octets.substr(0, dialin::MessageHeaderSize));
    require(header.size <= dialin::LargestRequest && header.descriptors <= 4);
  } catch (const dialin::Error& error) {
    require(error.code() == dialin::ErrorCode::InvalidInput);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  look_at_header(octets);
  const std::string_view body = octets.substr(std::min(size, dialin::MessageHeaderSize));
  for (const std::string_view part : {octets, body}) {
    round_trip(part, dialin::parse_request, dialin::compose_request);
    round_trip(part, dialin::parse_signal, dialin::compose_signal);
    round_trip(part, dialin::parse_file_request, dialin::compose_file_request);
    round_trip(part, dialin::parse_file_answer, dialin::compose_file_answer);
    round_trip(part, dialin::parse_finished, dialin::compose_finished);
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// The messages of the admin socket: what is written is read again, and nothing else is.
#include "admin/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "base/error.h"

namespace dialin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string text(const MessageOctets& octets) {
  return {octets.data(), octets.size()};
}

// Why it is refused; empty if it is not.
template <class Parse>
std::string refusal(const Parse& parse) {
  try {
    parse();
    return {};
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::InvalidInput);
    return error.what();
  }
}

std::string field(unsigned char tag, const std::string& octets) {
  std::string result(1, static_cast<char>(tag));
  for (int shift = 24; shift >= 0; shift -= 8) result += static_cast<char>((octets.size() >> shift) & 0xFF);
  return result + octets;
}

CommandRequest sample() {
  CommandRequest request;
  request.program = "Set-CsClientPin";
  request.words = {"-Identity", "bob@contoso.com", "", "-Pin", "383042650"};
  request.environment = {
      {"LANG", "fr_CA.UTF-8"}, {"PSEmailServer", "mail.contoso.com"}, {"TZ", "Europe/Paris"}};
  request.width = 120;
  request.password.emplace(std::string_view("secret"));
  return request;
}

TEST(AdminMessage, ACommandTravelsWhole) {
  const CommandRequest request = sample();
  const CommandRequest read = parse_request(text(compose_request(request)));
  EXPECT_EQ(read.program, request.program);
  EXPECT_EQ(read.words, request.words);
  EXPECT_EQ(read.environment, request.environment);
  EXPECT_EQ(read.width, 120);
  ASSERT_TRUE(read.password);
  EXPECT_TRUE(read.password->same_as(*request.password));
}

TEST(AdminMessage, ACutOrLengthenedCommandIsRefused) {
  const std::string whole = text(compose_request(sample()));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // Without its last field, the password, it is whole.
    const bool whole_without_password = size == whole.size() - field(5, "secret").size();
    EXPECT_EQ(refusal([&] { parse_request(whole.substr(0, size)); }).empty(), whole_without_password) << size;
  }
  EXPECT_THAT(refusal([&] { parse_request(whole + "x"); }), HasSubstr("does not belong here"));
}

TEST(AdminMessage, WhatACommandMayNotHold) {
  const std::string program = field(1, "dialin");
  const std::string width = field(4, std::string("\0\0\0\x50", 4));
  EXPECT_EQ(refusal([&] { parse_request(program + width); }), "");
  EXPECT_THAT(refusal([&] { parse_request(field(1, "../dialin") + width); }), HasSubstr("name"));
  EXPECT_THAT(refusal([&] { parse_request(field(1, "") + width); }), HasSubstr("name"));
  EXPECT_THAT(refusal([&] { parse_request(program + field(2, std::string("a\0b", 3)) + width); }),
              HasSubstr("NUL"));
  EXPECT_THAT(refusal([&] { parse_request(program + field(2, std::string(LargestWord + 1, 'a')) + width); }),
              HasSubstr("more than"));
  EXPECT_THAT(refusal([&] { parse_request(program + field(3, "LD_PRELOAD=/tmp/x.so") + width); }),
              HasSubstr("LD_PRELOAD"));
  EXPECT_THAT(refusal([&] { parse_request(program + field(3, "LANG=C") + field(3, "LANG=C") + width); }),
              HasSubstr("twice"));
  EXPECT_THAT(refusal([&] { parse_request(program + field(4, std::string("\0\1\0\0", 4))); }),
              HasSubstr("larger"));
  EXPECT_THAT(refusal([&] { parse_request(width + program); }), HasSubstr("missing"));
  EXPECT_THAT(refusal([&] { parse_request(program + program + width); }), HasSubstr("missing"));
  EXPECT_THAT(refusal([&] { parse_request(program + width + field(5, "")); }), HasSubstr("password"));
}

TEST(AdminMessage, NoValueMakesTheServiceOpenAFile) {
  for (const char* zone : {"Europe/Paris", "UTC", "CET-1CEST,M3.5.0,M10.5.0/3", "<+03>-3"})
    EXPECT_TRUE(may_travel("TZ", zone)) << zone;
  // The C library would open these, whatever they are.
  for (const char* zone : {":/etc/shadow", "/etc/shadow", "../../../etc/shadow", ":Europe/Paris"})
    EXPECT_FALSE(may_travel("TZ", zone)) << zone;
  EXPECT_TRUE(may_travel("LANG", "fr_CA.UTF-8@euro"));
  EXPECT_TRUE(may_travel("LC_TIME", "C"));
  EXPECT_FALSE(may_travel("LC_ALL", "../../tmp/locale"));
  EXPECT_FALSE(may_travel("LC_ALL", "/tmp/locale"));
  EXPECT_FALSE(may_travel("LC_all", "C"));
  EXPECT_FALSE(may_travel("LOCPATH", "C"));
  EXPECT_FALSE(may_travel("DIALIN_DATA", "x"));
  EXPECT_FALSE(may_travel("PSEmailServer", "mail\nserver"));
}

TEST(AdminMessage, Headers) {
  const auto header = [](MessageKind kind, std::uint8_t descriptors, std::size_t size) {
    return text(compose_message(kind, descriptors, std::string(size, 'x'))).substr(0, MessageHeaderSize);
  };
  const MessageHeader read = parse_message_header(header(MessageKind::Request, 4, 300));
  EXPECT_EQ(read.kind, MessageKind::Request);
  EXPECT_EQ(read.descriptors, 4);
  EXPECT_EQ(read.size, 300U);
  EXPECT_EQ(refusal([&] { parse_message_header(header(MessageKind::Request, 3, LargestRequest)); }), "");
  EXPECT_THAT(refusal([&] { parse_message_header(header(MessageKind::Request, 3, LargestRequest + 1)); }),
              HasSubstr("are more than"));
  EXPECT_THAT(refusal([&] { parse_message_header(header(MessageKind::Request, 2, 1)); }),
              HasSubstr("descriptors"));
  EXPECT_THAT(refusal([&] { parse_message_header(header(MessageKind::Request, 5, 1)); }),
              HasSubstr("descriptors"));
  EXPECT_THAT(refusal([&] { parse_message_header(header(MessageKind::Signal, 1, 1)); }),
              HasSubstr("descriptors"));
  EXPECT_THAT(refusal([&] { parse_message_header(header(static_cast<MessageKind>(9), 0, 1)); }),
              HasSubstr("no kind 9"));
  std::string other_version = header(MessageKind::Signal, 0, 9);
  other_version[3] = '2';
  EXPECT_THAT(refusal([&] { parse_message_header(other_version); }), HasSubstr("version"));
  std::string more = header(MessageKind::Signal, 0, 9);
  more[6] = 1;
  EXPECT_THAT(refusal([&] { parse_message_header(more); }), HasSubstr("zero"));
}

TEST(AdminMessage, OnlySignalsOfATerminalTravel) {
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
    EXPECT_EQ(parse_signal(text(compose_signal({signal}))).signal, signal);
  for (int signal : {0, SIGKILL, SIGSTOP, SIGSEGV, SIGUSR1})
    EXPECT_NE(refusal([&] { parse_signal(text(compose_signal({signal}))); }), "") << signal;
}

TEST(AdminMessage, Files) {
  const FileRequest request =
      parse_file_request(text(compose_file_request({FileOperation::Create, "a/b.csv"})));
  EXPECT_EQ(request.operation, FileOperation::Create);
  EXPECT_EQ(request.path, "a/b.csv");
  EXPECT_NE(refusal([&] { parse_file_request(text(compose_file_request({FileOperation::Read, ""}))); }), "");
  EXPECT_NE(refusal([&] {
              parse_file_request(text(compose_file_request({static_cast<FileOperation>(6), "a"})));
            }),
            "");
  const FileAnswer answer = parse_file_answer(text(compose_file_answer({0, {"a.html", "b c.html"}})));
  EXPECT_EQ(answer.problem, 0);
  EXPECT_THAT(answer.names, ElementsAre("a.html", "b c.html"));
  EXPECT_EQ(parse_file_answer(text(compose_file_answer({ENOENT, {}}))).problem, ENOENT);
  for (const char* name : {"", "..", "a/b"})
    EXPECT_NE(refusal([&] { parse_file_answer(text(compose_file_answer({0, {name}}))); }), "") << name;
}

TEST(AdminMessage, TheEnd) {
  const FinishedMessage finished = parse_finished(text(compose_finished({77, "no"})));
  EXPECT_EQ(finished.exit_code, 77);
  EXPECT_EQ(finished.text, "no");
  EXPECT_NE(refusal([&] { parse_finished(text(compose_finished({256, ""}))); }), "");
}

}  // namespace
}  // namespace dialin

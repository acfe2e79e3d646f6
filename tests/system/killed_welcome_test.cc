// SPDX-License-Identifier: Apache-2.0
// kill -9 at every checkpoint of a welcome with its copies, then the same command again: nobody gets two
// PINs, nobody is left out, and a mail comes twice only where its outcome could not be known
// (doc/delivery.md).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "checkpoint_list.h"
#include "store_case.h"
#include "support/dialin_program.h"
#include "support/mail_receiver.h"

namespace dialin::test {
namespace {

using testing::HasSubstr;

enum class Variant {
  FirstPin,    // copies show the PIN
  ReplacedPin  // -Force; copies are masked
};

const char* name_of(Variant variant) {
  return variant == Variant::FirstPin ? "FirstPin" : "ReplacedPin";
}

// One person's way through a kill.
class KilledWelcome : public testing::TestWithParam<StoreCase<Variant>> {
 protected:
  bool replaces() const { return GetParam().variant == Variant::ReplacedPin; }

  DialinProgram::Arguments command_for(const std::string& name) const {
    DialinProgram::Arguments more = {"-Cc", "boss-" + name + "@contoso.com", "-Bcc",
                                     "file-" + name + "@contoso.com"};
    if (replaces()) more.insert(more.end(), {"-Force", "-MaskPinInCopies"});
    return welcome_command(name, receiver_.port(), more);
  }

  // Gives the person another PIN before, if this variant replaces one.
  std::string former_pin(const std::string& name) {
    if (!replaces()) return {};
    return object_of(program_.run({"pin", "set", name + "@contoso.com", "-Output", "json"})).at("Pin");
  }

  std::vector<std::string> checkpoints() {
    former_pin("traced");
    const Completed traced = program_.run(command_for("traced"), {}, tell());
    EXPECT_EQ(traced.exit_code, 0) << traced.error;
    return checkpoints_in(traced.error);
  }

  void expect_mails(const std::string& name, std::size_t count);
  void expect_copy(const std::string& address, const std::string& pin, std::size_t count);

  DialinProgram program_{GetParam().store};
  MailReceiver receiver_;
};

void KilledWelcome::expect_mails(const std::string& name, std::size_t count) {
  const std::vector<KeptMail> mails = receiver_.mails_to(name + "@contoso.com");
  ASSERT_EQ(mails.size(), count);
  for (const KeptMail& mail : mails) {
    EXPECT_EQ(mail.pin(), mails.front().pin());
    EXPECT_EQ(mail.message_id(), mails.front().message_id());
  }
}

void KilledWelcome::expect_copy(const std::string& address, const std::string& pin, std::size_t count) {
  const std::vector<KeptMail> copies = receiver_.mails_to(address);
  ASSERT_EQ(copies.size(), count) << address;
  for (const KeptMail& copy : copies) {
    EXPECT_EQ(copy.message_id(), copies.front().message_id());
    EXPECT_EQ(copy.text().find(pin) == std::string::npos, replaces()) << address;
  }
}

TEST_P(KilledWelcome, AndTypedAgain) {
  std::vector<std::string> people = {"traced"};
  for (int i = 1; i <= 80; ++i) people.push_back(fmt::format("p{}", i));
  program_.import_people(people);
  const std::vector<std::string> names = checkpoints();
  ASSERT_GT(names.size(), 20U);
  ASSERT_LE(names.size(), 80U);
  const auto position = [&](const char* name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin()) + 1;
  };
  const std::size_t answered = position("answered");
  const std::size_t valid = position("after-commit-record");
  const std::size_t reported = position("after-commit-reported");
  ASSERT_LT(answered, valid);
  ASSERT_LT(valid, reported);
  ASSERT_LE(reported, names.size());

  int copies_killed = 0;
  for (std::size_t number = 1; number <= names.size(); ++number) {
    const std::string& checkpoint = names[number - 1];
    SCOPED_TRACE(fmt::format("killed at checkpoint {}, {}", number, checkpoint));
    const std::string name = people[number];
    const std::string former = former_pin(name);

    const Completed died = program_.run(command_for(name), {}, kill_at(number));
    ASSERT_EQ(died.exit_code, killed) << died.error;
    const bool printed = number >= position("printed");
    EXPECT_EQ(died.output.empty(), !printed);
    // Until acceptance is recorded the former PIN is the valid one.
    if (replaces()) {
      EXPECT_EQ(program_.pin_is(name, former), number < valid);
    } else {
      EXPECT_EQ(program_.has_pin(name), number >= valid);
    }

    // Typed again. After it was reported, -Force would rightly make another one.
    if (!replaces() || number < reported) {
      const Completed again = program_.run(command_for(name));
      EXPECT_EQ(again.exit_code, 0) << again.error;
      const nlohmann::json object = object_of(again);
      EXPECT_EQ(object.at("MailResult"), number < reported ? "Sent" : "NotSent");
      EXPECT_EQ(object.at("PinResult"), number >= reported ? "AlreadySet" : replaces() ? "Replaced" : "Set");
      const bool not_shown = number >= valid && number < reported;
      EXPECT_EQ(object.at("Detail").get<std::string>().find("not shown then") != std::string::npos,
                not_shown);
    }
    // Copies that were left behind.
    const Completed delivered = program_.run({"deliver"});
    EXPECT_EQ(delivered.exit_code, 0) << delivered.error;

    expect_mails(name, number >= answered && number < valid ? 2 : 1);
    const std::string pin = receiver_.mails_to(name + "@contoso.com").back().pin();
    EXPECT_TRUE(program_.pin_is(name, pin));
    if (replaces()) {
      EXPECT_FALSE(program_.pin_is(name, former));
    }

    // The one copy whose outcome was not known yet comes again, and only that one.
    const bool copy_unknown = checkpoint == "copy-answered" || checkpoint == "before-commit-record-copy";
    std::size_t first = 1, second = 1;
    if (copy_unknown) {
      const bool is_first =
          std::count(names.begin(), names.begin() + static_cast<long>(number), checkpoint) == 1;
      (is_first ? first : second) = 2;
      ++copies_killed;
    }
    expect_copy("boss-" + name + "@contoso.com", pin, first);
    expect_copy("file-" + name + "@contoso.com", pin, second);
  }
  EXPECT_EQ(copies_killed, 4);  // two checkpoints, two copies: this test saw both

  // Once more for everybody: nothing is left to be done.
  const std::size_t mails = receiver_.mails().size();
  EXPECT_EQ(program_.run({"deliver"}).exit_code, 0);
  EXPECT_EQ(receiver_.mails().size(), mails);
  EXPECT_EQ(program_.outbox("Queued") + program_.outbox("Sending"), 0U);
}

INSTANTIATE_TEST_SUITE_P(System, KilledWelcome, on_both_stores(Variant::FirstPin, Variant::ReplacedPin),
                         name_of_case<Variant>);

class KilledOn : public testing::TestWithParam<StoreKind> {
 protected:
  DialinProgram program_{GetParam()};
  MailReceiver receiver_;
};

// Between the dot and its reply no line of ours runs: the server holds its answer back.
TEST_P(KilledOn, WhileTheServerHasTheMailAndHasNotAnswered) {
  program_.import_people({"bob"});
  receiver_.hold(MailReceiver::At::Dot);
  const auto process = program_.start(welcome_command("bob", receiver_.port()));
  receiver_.wait_until_held();
  EXPECT_EQ(process->kill().exit_code, killed);
  receiver_.release();
  EXPECT_FALSE(program_.has_pin("bob"));

  const Completed again = program_.run(welcome_command("bob", receiver_.port()));
  EXPECT_EQ(again.exit_code, 0) << again.error;
  EXPECT_EQ(object_of(again).at("PinResult"), "Set");
  const std::vector<KeptMail> mails = receiver_.mails_to("bob@contoso.com");
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(mails[0].pin(), mails[1].pin());
  EXPECT_EQ(mails[0].message_id(), mails[1].message_id());
  EXPECT_TRUE(program_.pin_is("bob", mails[1].pin()));
}

// The thread that renews the lease dies with its process, in the middle of a renewal.
TEST_P(KilledOn, WhileItRenewsItsLease) {
  program_.import_people({"bob"});
  program_.set("queue", "lease", "\"3s\"");
  receiver_.hold(MailReceiver::At::Rcpt);
  for (const char* checkpoint : {"before-commit-renew", "after-commit-renew"}) {
    const Completed died = program_.run(welcome_command("bob", receiver_.port()), {}, kill_at(checkpoint));
    EXPECT_EQ(died.exit_code, killed) << checkpoint;
  }
  receiver_.release();
  const Completed again = program_.run(welcome_command("bob", receiver_.port()));
  EXPECT_EQ(again.exit_code, 0) << again.error;
  ASSERT_EQ(receiver_.mails().size(), 1U);
  EXPECT_TRUE(program_.pin_is("bob", receiver_.mails().front().pin()));
}

// Killed before it could print: the same command prints it and makes no second PIN, with and without -Force.
TEST_P(KilledOn, BeforeItCouldPrint) {
  program_.import_people({"bob", "ann"});
  for (const char* checkpoint : {"recorded", "printed"}) {
    SCOPED_TRACE(checkpoint);
    for (const std::string name : {"bob", "ann"}) {
      const bool force = std::string(checkpoint) == "printed";
      const DialinProgram::Arguments command = welcome_command(
          name, receiver_.port(), force ? DialinProgram::Arguments{"-Force"} : DialinProgram::Arguments{});
      const std::size_t mails_before = receiver_.mails_to(name + "@contoso.com").size();
      ASSERT_EQ(program_.run(command, {}, kill_at(checkpoint)).exit_code, killed);
      const Completed again = program_.run(command);
      EXPECT_EQ(again.exit_code, 0);
      const nlohmann::json object = object_of(again);
      EXPECT_THAT(object.at("Detail").get<std::string>(), HasSubstr("not shown then"));
      EXPECT_EQ(object.at("MailResult"), "Sent");
      const std::vector<KeptMail> mails = receiver_.mails_to(name + "@contoso.com");
      ASSERT_EQ(mails.size(), mails_before + 1);
      EXPECT_EQ(object.at("MessageId"), mails.back().message_id());
      EXPECT_TRUE(program_.pin_is(name, mails.back().pin()));
      // Shown now: the same command is a new one.
      const nlohmann::json third = object_of(program_.run(command));
      EXPECT_EQ(third.at("PinResult"), force ? "Replaced" : "AlreadySet");
      EXPECT_EQ(receiver_.mails_to(name + "@contoso.com").size(), mails_before + (force ? 2 : 1));
    }
  }
}

// `dialin deliver` killed at each of its checkpoints, over welcomes that killed commands left behind.
TEST_P(KilledOn, WhileItDelivers) {
  std::vector<std::string> people;
  for (int i = 0; i <= 60; ++i) people.push_back(fmt::format("p{}", i));
  program_.import_people(people);
  const auto leave_behind = [&](const std::string& name) {
    const DialinProgram::Arguments command =
        welcome_command(name, receiver_.port(), {"-Cc", "boss-" + name + "@contoso.com"});
    ASSERT_EQ(program_.run(command, {}, kill_at("issued")).exit_code, killed);
  };
  leave_behind("p0");
  const std::vector<std::string> names = checkpoints_in(program_.run({"deliver"}, {}, tell()).error);
  ASSERT_GT(names.size(), 10U);
  ASSERT_LE(names.size(), 60U);
  for (std::size_t number = 1; number <= names.size(); ++number) {
    SCOPED_TRACE(fmt::format("killed at checkpoint {}, {}", number, names[number - 1]));
    const std::string& name = people[number];
    leave_behind(name);
    ASSERT_EQ(program_.run({"deliver"}, {}, kill_at(number)).exit_code, killed);
    const Completed again = program_.run({"deliver"});
    EXPECT_EQ(again.exit_code, 0) << again.error;
    const std::vector<KeptMail> mails = receiver_.mails_to(name + "@contoso.com");
    const bool unknown = names[number - 1] == "answered" || names[number - 1] == "before-commit-record";
    ASSERT_EQ(mails.size(), unknown ? 2U : 1U);
    EXPECT_EQ(mails.front().pin(), mails.back().pin());
    EXPECT_EQ(mails.front().message_id(), mails.back().message_id());
    EXPECT_TRUE(program_.pin_is(name, mails.back().pin()));
    const bool copy_unknown =
        names[number - 1] == "copy-answered" || names[number - 1] == "before-commit-record-copy";
    EXPECT_EQ(receiver_.mails_to("boss-" + name + "@contoso.com").size(), copy_unknown ? 2U : 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(System, KilledOn, testing::Values(StoreKind::Sqlite, StoreKind::Postgresql),
                         [](const auto& info) { return std::string(to_text(info.param)); });

}  // namespace
}  // namespace dialin::test

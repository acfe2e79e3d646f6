// SPDX-License-Identifier: Apache-2.0
#include "killed_command.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "checkpoint_list.h"

namespace dialin::test {
namespace {

using Arguments = DialinProgram::Arguments;

const std::string bob = "bob@contoso.com";

void add_bob(World& world) {
  world.program.import_people({"bob"});
}

void succeed(World& world, const Arguments& arguments, const std::string& input = {}) {
  const Completed done = world.program.run(arguments, input);
  ASSERT_EQ(done.exit_code, 0) << done.error;
}

void add_bob_with_pin(World& world) {
  add_bob(world);
  succeed(world, {"pin", "set", bob, "-Pin", "-"}, std::string(first_pin) + "\n");
}

void leave_welcome_behind(World& world) {
  add_bob(world);
  ASSERT_EQ(world.program.run(welcome_command("bob", world.receiver.port()), {}, kill_at("issued")).exit_code,
            killed);
}

// The server wants a password, and the file holds `password`.
void set_password(World& world, const std::string& password) {
  std::filesystem::permissions(world.program.directory().write("password", password + "\n"),
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

void want_password(World& world) {
  add_bob(world);
  world.receiver.require_password("right");
  world.program.set("smtp", "server", fmt::format("\"127.0.0.1:{}\"", world.receiver.port()));
  world.program.set("smtp", "allow_insecure_auth", "true");
  set_password(world, "wrong");
}

Arguments welcome_with_password(World& world) {
  return welcome_command("bob", world.receiver.port(),
                         {"-Credential", "admin:@" + (world.program.directory() / "password").string()});
}

void expect_welcomed_once(World& world) {
  ASSERT_EQ(world.receiver.mails_to(bob).size(), 1U);
  EXPECT_TRUE(world.program.pin_is("bob", world.receiver.mails_to(bob).front().pin()));
}

std::string word_for_first_pin(World& world) {
  return world.program.check_pin("bob", first_pin);
}

// Bob and whoever else, in one run.
void write_users(World& world, const std::string& rows = "bob@contoso.com\n") {
  world.program.directory().write("users.csv", "UserUri\n" + rows);
}

Arguments run_of_users(World& world, const std::vector<std::string>& more = {},
                       const std::string& host = "127.0.0.1") {
  Arguments arguments = {"welcome",
                         "-Csv",
                         "users.csv",
                         "-RunName",
                         "march",
                         "-From",
                         "marco@contoso.com",
                         "-NoLink",
                         "-SmtpServer",
                         fmt::format("{}:{}", host, world.receiver.port()),
                         "-Output",
                         "json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

void queue_run(World& world) {
  add_bob(world);
  write_users(world);
  succeed(world, run_of_users(world, {"-AsJob"}));
}

// A mail whose outcome was lost in the kill comes twice: the same one.
void expect_same_mail(World& world) {
  const std::vector<KeptMail> mails = world.receiver.mails_to(bob);
  ASSERT_GE(mails.size(), 1U);
  ASSERT_LE(mails.size(), 2U);
  EXPECT_EQ(mails.front().message_id(), mails.back().message_id());
  EXPECT_TRUE(world.program.pin_is("bob", mails.back().pin()));
}

// Each change that was committed, and no other; twice only the one that was on the wire.
void expect_told_once_a_change(World& world) {
  EXPECT_EQ(world.program.run({"deliver"}).exit_code, 0);
  EXPECT_TRUE(world.program.pin_is("bob", first_pin));
  const auto status = object_of(world.program.run({"status", "-Output", "json"}));
  const std::size_t changes = status.at("Notices").get<std::size_t>();
  EXPECT_EQ(status.at("NoticesSent"), changes);
  std::set<std::string> different;
  const std::vector<KeptMail> mails = world.receiver.mails_to(bob);
  for (const KeptMail& mail : mails) {
    different.insert(mail.message_id());
    EXPECT_EQ(mail.content.find(first_pin), std::string::npos);
  }
  EXPECT_GE(changes, 1U);
  EXPECT_LE(changes, 2U);
  EXPECT_EQ(different.size(), changes);
  EXPECT_LE(mails.size(), changes + 1);
}

std::vector<KilledCommand> commands() {
  const auto always = [](Arguments arguments) { return [arguments](World&) { return arguments; }; };
  return {
      {"FirstImport",
       [](World& world) {
         world.program.directory().write("one.csv", "SipAddress,Mail\nsip:bob@contoso.com,bob@contoso.com\n");
       },
       always({"people", "import", "one.csv"}),
       "",
       {0},
       [](World& world) {
         EXPECT_EQ(world.program.run({"people", "show", bob}).exit_code, 0);
         EXPECT_EQ(object_of(world.program.run({"status", "-Output", "json"})).at("People"), 1);
       }},
      {"NumberImport",
       [](World& world) {
         add_bob(world);
         world.program.directory().write(
             "numbers.csv",
             "PrimaryUri,LineUri,DisplayNumber,DisplayName,Regions,PrimaryLanguage\n"
             "sip:a@contoso.com,tel:+14255550190,+1 425,Redmond,Redmond,en-US\n");
       },
       always({"number", "import", "numbers.csv"}),
       "",
       {0},
       [](World& world) {
         EXPECT_EQ(object_of(world.program.run({"status", "-Output", "json"})).at("AccessNumbers"), 1);
       }},
      {"SetPin",
       add_bob_with_pin,
       always({"pin", "set", bob, "-Pin", "-"}),
       std::string(second_pin) + "\n",
       {0},
       [](World& world) {
         EXPECT_EQ(word_for_first_pin(world), "IncorrectPin");
         EXPECT_TRUE(world.program.pin_is("bob", second_pin));
       }},
      {"SetPinAndTell",
       [](World& world) {
         add_bob(world);
         world.program.set("smtp", "server", fmt::format("\"127.0.0.1:{}\"", world.receiver.port()));
         world.program.set("mail", "from", "\"dialin@contoso.com\"");
       },
       always({"pin", "set", bob, "-Pin", "-"}),
       std::string(first_pin) + "\n",
       {0},
       expect_told_once_a_change},
      // Its verifier has another cost than the configuration asks for now.
      {"CheckPin",
       [](World& world) {
         add_bob_with_pin(world);
         world.program.set("pin", "hash_passes", "2");
       },
       always({"pin", "check", bob, "-Pin", "-"}),
       std::string(first_pin) + "\n",
       {0},
       [](World& world) { EXPECT_EQ(word_for_first_pin(world), "Success"); }},
      {"LockPin",
       add_bob_with_pin,
       always({"pin", "lock", bob}),
       "",
       {0},
       [](World& world) { EXPECT_EQ(word_for_first_pin(world), "UserPinAccountLocked"); }},
      {"UnlockPin",
       [](World& world) {
         add_bob_with_pin(world);
         succeed(world, {"pin", "lock", bob});
       },
       always({"pin", "unlock", bob}),
       "",
       {0},
       [](World& world) { EXPECT_EQ(word_for_first_pin(world), "Success"); }},
      {"DisablePerson",
       add_bob_with_pin,
       always({"people", "disable", bob}),
       "",
       {0},
       [](World& world) { EXPECT_EQ(word_for_first_pin(world), "PinNotEnabledForUser"); }},
      {"EnablePerson",
       [](World& world) {
         add_bob_with_pin(world);
         succeed(world, {"people", "disable", bob});
       },
       always({"people", "enable", bob}),
       "",
       {0},
       [](World& world) { EXPECT_EQ(word_for_first_pin(world), "PinNotSet"); }},
      // 1: there is no such person any more.
      {"RemovePerson",
       add_bob_with_pin,
       always({"people", "remove", bob, "--yes"}),
       "",
       {0, 1},
       [](World& world) { EXPECT_EQ(word_for_first_pin(world), "UserDoesNotExist"); }},
      // 1: there is nothing to cancel any more.
      {"CancelWelcome",
       leave_welcome_behind,
       always({"cancel", bob}),
       "",
       {0, 1},
       [](World& world) {
         EXPECT_EQ(world.program.run({"deliver"}).exit_code, 0);
         EXPECT_TRUE(world.receiver.mails().empty());
         EXPECT_FALSE(world.program.has_pin("bob"));
       }},
      // The waiting welcome gets another subject and goes another way.
      {"ChangeWelcome",
       leave_welcome_behind,
       [](World& world) {
         return Arguments{
             "welcome",           bob,           "-From",
             "marco@contoso.com", "-NoLink",     "-Subject",
             "Another one",       "-SmtpServer", fmt::format("localhost:{}", world.receiver.port()),
             "-Output",           "json"};
       },
       "",
       {0},
       [](World& world) {
         const std::vector<KeptMail> mails = world.receiver.mails_to(bob);
         // Twice where its outcome was not known: seen more closely in KilledWelcome.
         ASSERT_GE(mails.size(), 1U);
         ASSERT_LE(mails.size(), 2U);
         for (const KeptMail& mail : mails) EXPECT_EQ(mail.header("Subject"), "Another one");
         EXPECT_EQ(mails.front().pin(), mails.back().pin());
         EXPECT_TRUE(world.program.pin_is("bob", mails.back().pin()));
       }},
      // Within the limits of its mail server.
      {"RunWithLimits",
       [](World& world) {
         add_bob(world);
         write_users(world);
       },
       [](World& world) {
         return run_of_users(world, {"-Rate", "600/m", "-Connections", "2"});
       },
       "",
       {0},
       expect_same_mail},
      // 64: a row names nobody.
      {"RunThatIsRefused",
       [](World& world) {
         add_bob(world);
         write_users(world, "bob@contoso.com\nnobody@contoso.com\n");
       },
       [](World& world) { return run_of_users(world); },
       "",
       {64},
       [](World& world) {
         EXPECT_TRUE(world.receiver.mails().empty());
         EXPECT_FALSE(world.program.has_pin("bob"));
       }},
      // 75: one mail a day, for two people; a permit that was taken before the kill is lost.
      {"RunThatIsPaused",
       [](World& world) {
         world.program.import_people({"bob", "alice"});
         write_users(world, "bob@contoso.com\nalice@contoso.com\n");
       },
       [](World& world) {
         return run_of_users(world, {"-Rate", "1/d"});
       },
       "",
       {75},
       [](World& world) { EXPECT_LE(world.receiver.mails().size(), 2U); }},
      {"RunAnotherWay",
       queue_run,
       [](World& world) { return run_of_users(world, {}, "localhost"); },
       "",
       {0},
       expect_same_mail},
      {"ResumeRun", queue_run, always({"run", "resume", "march"}), "", {0}, expect_same_mail},
      {"ResumeRunWithAnotherSender",
       queue_run,
       always({"run", "resume", "march", "-From", "sara@contoso.com"}),
       "",
       {0},
       [](World& world) {
         expect_same_mail(world);
         for (const KeptMail& mail : world.receiver.mails_to(bob))
           EXPECT_NE(mail.header("From").find("sara@contoso.com"), std::string::npos) << mail.header("From");
       }},
      // 1: it was cancelled before it was killed.
      {"CancelRun",
       queue_run,
       always({"run", "cancel", "march", "--yes"}),
       "",
       {0, 1},
       [](World& world) {
         EXPECT_EQ(world.program.run({"deliver"}).exit_code, 0);
         EXPECT_TRUE(world.receiver.mails().empty());
       }},
      {"RetryRun",
       [](World& world) {
         add_bob(world);
         write_users(world);
         world.receiver.answer(MailReceiver::At::Rcpt, {"550 5.1.1 no such user"});
         ASSERT_EQ(world.program.run(run_of_users(world)).exit_code, 1);
       },
       always({"run", "retry", "march"}),
       "",
       {0},
       [](World& world) {
         // Killed after the run was made ready again, there was nothing to retry.
         succeed(world, {"deliver"});
         expect_same_mail(world);
       }},
      // Bob got a PIN after the run had been queued.
      {"RunThatComesTooLate",
       [](World& world) {
         queue_run(world);
         succeed(world, {"pin", "set", bob, "-Pin", "-"}, std::string(first_pin) + "\n");
       },
       always({"deliver"}),
       "",
       {0},
       [](World& world) {
         EXPECT_TRUE(world.receiver.mails().empty());
         EXPECT_EQ(word_for_first_pin(world), "Success");
       }},
      {"PauseForPassword",
       want_password,
       welcome_with_password,
       "",
       {77},
       [](World& world) {
         EXPECT_TRUE(world.receiver.mails().empty());
         EXPECT_LE(world.receiver.sign_ins(),
                   2U);  // once more only if it was killed before it could note the pause
         set_password(world, "right");
         const Completed delivered = world.program.run({"deliver"});
         EXPECT_TRUE(delivered.exit_code == 0 || delivered.exit_code == 75) << delivered.error;
         succeed(world, welcome_with_password(world));
         expect_welcomed_once(world);
       }},
      {"EndPause",
       [](World& world) {
         want_password(world);
         ASSERT_EQ(world.program.run(welcome_with_password(world)).exit_code, 77);
         set_password(world, "right");
       },
       welcome_with_password,
       "",
       {0},
       [](World& world) {
         const std::vector<KeptMail> mails = world.receiver.mails_to(bob);
         ASSERT_GE(mails.size(), 1U);
         ASSERT_LE(mails.size(), 2U);
         EXPECT_EQ(mails.front().message_id(), mails.back().message_id());
         EXPECT_TRUE(world.program.pin_is("bob", mails.back().pin()));
       }},
  };
}

}  // namespace

const std::vector<KilledCommand>& killed_commands() {
  static const std::vector<KilledCommand> all = [] {
    std::vector<KilledCommand> joined = commands();
    for (KilledCommand& command : killed_settings()) joined.push_back(std::move(command));
    for (KilledCommand& command : killed_keys()) joined.push_back(std::move(command));
    return joined;
  }();
  return all;
}

}  // namespace dialin::test

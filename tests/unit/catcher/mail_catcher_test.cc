// SPDX-License-Identifier: Apache-2.0
#include "mail/catcher/mail_catcher.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "support/child_process.h"
#include "support/free_port.h"
#include "support/temporary_directory.h"

namespace dialin {
namespace {

namespace fs = std::filesystem;

// A catcher that runs in a thread of its own until the object ends.
class RunningCatcher {
 public:
  explicit RunningCatcher(const fs::path& directory, const std::string& listen = "127.0.0.1:0")
      : catcher_(
            ListenAddress::parse(listen), directory,
            [this](const CaughtMail& mail) {
              const std::lock_guard lock(mutex_);
              mails_.push_back(mail);
            },
            [this](const Error& error) {
              const std::lock_guard lock(mutex_);
              problems_.emplace_back(error.what());
            }),
        thread_([this] { catcher_.run(stop_); }) {}
  ~RunningCatcher() {
    stop_ = true;
    thread_.join();
  }

  std::uint16_t port() const { return catcher_.port(); }
  std::vector<CaughtMail> mails() {
    const std::lock_guard lock(mutex_);
    return mails_;
  }
  std::vector<std::string> problems() {
    const std::lock_guard lock(mutex_);
    return problems_;
  }

 private:
  std::mutex mutex_;
  std::vector<CaughtMail> mails_;
  std::vector<std::string> problems_;
  std::atomic<bool> stop_ = false;
  MailCatcher catcher_;
  std::thread thread_;
};

// Python statements with smtplib and the port in `port`; gives what they print, or the error.
std::string python(std::uint16_t port, const std::string& statements) {
  const test::Completed completed = test::run(
      {.arguments = {"python3", "-c",
                     "import smtplib, socket, sys, threading\nport = int(sys.argv[1])\n" + statements,
                     std::to_string(port)}});
  return completed.output + completed.error;
}

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

const std::string SendHtml = R"(
from email.message import EmailMessage
m = EmailMessage()
m['Subject'] = 'Bienvenue à Bob'
m['From'] = 'marco@contoso.com'
m['To'] = 'bob@contoso.com'
m.set_content('Votre code: 38304\n.\n..point\n')
m.add_alternative('<p>Votre code é: 38304</p>\n', subtype='html')
s = smtplib.SMTP('127.0.0.1', port, 'test.example')
s.send_message(m)
s.quit()
)";

TEST(MailCatcher, KeepsAMailAndItsBodies) {
  const test::TemporaryDirectory directory;
  RunningCatcher catcher(directory / "mails");
  EXPECT_EQ(python(catcher.port(), SendHtml), "");
  const auto mails = catcher.mails();
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_EQ(mails[0].envelope.mail_from, "marco@contoso.com");
  EXPECT_EQ(mails[0].message_file, directory / "mails/0001.eml");
  ASSERT_TRUE(mails[0].html_file && mails[0].text_file);
  EXPECT_EQ(test::read_file(*mails[0].html_file), "\xEF\xBB\xBF<p>Votre code é: 38304</p>\n");
  EXPECT_EQ(test::read_file(*mails[0].text_file), "Votre code: 38304\n.\n..point\n");
  EXPECT_NE(test::read_file(mails[0].message_file).find("MIME-Version: 1.0\r\n"), std::string::npos);
  EXPECT_EQ(mode_of(directory / "mails"), 0700u);
  EXPECT_EQ(mode_of(mails[0].message_file), 0600u);
  EXPECT_EQ(mode_of(*mails[0].html_file), 0600u);
  EXPECT_EQ(mode_of(*mails[0].text_file), 0600u);
  EXPECT_EQ(summary(mails[0]),
            "0001.eml 0001.html 0001.txt  from <marco@contoso.com> to <bob@contoso.com>: Bienvenue à Bob");
  EXPECT_FALSE(fs::exists(directory / "mails/.unfinished"));
}

TEST(MailCatcher, ServesManyConnectionsAtOnce) {
  const test::TemporaryDirectory directory;
  RunningCatcher catcher(directory.path());
  // 20 clients that say nothing and 50 that send: more than are served at once.
  EXPECT_EQ(python(catcher.port(), R"(
silent = [socket.create_connection(('127.0.0.1', port)) for _ in range(20)]
def one(i):
    s = smtplib.SMTP('127.0.0.1', port, 'test.example')
    for n in range(2):
        s.sendmail('a@b.example', ['p%d@b.example' % i], 'Subject: %d-%d\r\n\r\nx\r\n' % (i, n))
    s.quit()
threads = [threading.Thread(target=one, args=(i,)) for i in range(50)]
for t in threads: t.start()
for t in threads: t.join()
)"),
            "");
  EXPECT_EQ(catcher.mails().size(), 100u);
  EXPECT_TRUE(fs::exists(directory / "0100.eml"));
  EXPECT_FALSE(fs::exists(directory / "0101.eml"));
}

TEST(MailCatcher, AnswersAClientThatReadsOnlyAtTheEnd) {
  const test::TemporaryDirectory directory;
  RunningCatcher catcher(directory.path());
  EXPECT_EQ(python(catcher.port(), R"(
s = socket.create_connection(('127.0.0.1', port))
def send():
    s.sendall(b'EHLO x\r\n' + b'NOOP\r\n' * 500000 + b'QUIT\r\n')
t = threading.Thread(target=send); t.start()
seen = b''.join(iter(lambda: s.recv(1 << 20), b''))
t.join()
print(seen.count(b'250 2.0.0'))
)"),
            "500000\n");
}

TEST(MailCatcher, ListensOnIpv6) {
  const test::TemporaryDirectory directory;
  RunningCatcher catcher(directory.path(), "[::1]:0");
  EXPECT_EQ(python(catcher.port(), "print(smtplib.SMTP('::1', port, 'test.example').noop()[0])"), "250\n");
}

TEST(MailCatcher, GoesOnNumberingAndOverwritesNothing) {
  const test::TemporaryDirectory directory;
  directory.write("0007.eml", "old");
  directory.write("0009.html", "old");
  directory.write("notes.eml", "old");
  RunningCatcher catcher(directory.path());
  EXPECT_EQ(python(catcher.port(), SendHtml), "");
  EXPECT_EQ(catcher.mails().at(0).message_file.filename(), "0010.eml");
  EXPECT_EQ(test::read_file(directory / "0007.eml"), "old");
}

TEST(MailCatcher, TellsTheClientThatAMailCouldNotBeKept) {
  const test::TemporaryDirectory directory;
  RunningCatcher catcher(directory / "mails");
  fs::create_directory(directory / "mails/0001.txt");  // in the way
  EXPECT_NE(python(catcher.port(), SendHtml).find("452"), std::string::npos);
  ASSERT_EQ(catcher.problems().size(), 1u);
  EXPECT_NE(catcher.problems()[0].find("0001.txt"), std::string::npos);
  EXPECT_FALSE(fs::exists(directory / "mails/0001.html"));
  EXPECT_FALSE(fs::exists(directory / "mails/0001.eml"));
}

ErrorCode code_of_starting(const fs::path& directory, const std::string& listen) {
  try {
    const RunningCatcher catcher(directory, listen);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::Internal;
}

TEST(MailCatcher, SaysWhyItCannotStart) {
  const test::TemporaryDirectory directory;
  const RunningCatcher catcher(directory / "mails");
  EXPECT_EQ(code_of_starting(directory / "mails", "127.0.0.1:0"), ErrorCode::Precondition);
  EXPECT_EQ(code_of_starting(directory / "others", "127.0.0.1:" + std::to_string(catcher.port())),
            ErrorCode::Precondition);
  directory.write("file", "");
  EXPECT_EQ(code_of_starting(directory / "file", "127.0.0.1:0"), ErrorCode::Unavailable);
}

}  // namespace
}  // namespace dialin

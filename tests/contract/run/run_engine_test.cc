// SPDX-License-Identifier: Apache-2.0
#include "contract/run/run_engine_test.h"

#include <fmt/format.h>

#include "run/resume_run.h"
#include "unit/run/input_pieces.h"

namespace dialin::test {
namespace {

class TestPlanner final : public WelcomePlanner {
 public:
  using Make = std::function<PlannedWelcome(const Person&, const RunInputRow&)>;
  explicit TestPlanner(Make make) : make_(std::move(make)) {}
  PlannedWelcome plan(const Person& person, const RunInputRow& row) override { return make_(person, row); }

 private:
  Make make_;
};

// So that hours pass in few looks; whoever waits may be woken late.
constexpr int TimesLonger = 8;

}  // namespace

RunEngineTest::RunEngineTest() : run_clock_(on_postgresql(), clock_) {
  settings_.hash_threads = 1;  // mails go out in the order of the lines
}

RunEngineTest::Worker::Worker(RunEngineTest& test) : Worker(test, test.server_) {}

RunEngineTest::Worker::Worker(RunEngineTest& test, FakeMailTransport& transport)
    : store(std::make_unique<FaultInjectingStore>(open_store(
          test.location_, OpenMode::MustExist, test.run_clock_, test.random_, checkpoints, nullptr))),
      by(test.marco_),
      environment{
          .store = *store,
          .open_store =
              [this, &test] {
                return open_store(test.location_, OpenMode::MustExist, test.run_clock_, test.random_,
                                  checkpoints, nullptr);
              },
          .transport = transport,
          .password_of = [&test](const WelcomeWay&) -> std::shared_ptr<const Secret> {
            if (test.password_.empty()) return nullptr;
            return std::make_shared<const Secret>(test.password_);
          },
          .clock = test.run_clock_,
          .random = test.random_,
          .checkpoints = checkpoints,
          .observer = *this,
          .by = by,
          .interrupted = [this] { return interrupted.load(); },
          .wait =
              [this, &test](std::chrono::milliseconds time) {
                if (waiting) waiting();
                test.let_pass(time * TimesLonger);
              },
      },
      test_(test) {}

RunOutcome RunEngineTest::Worker::work(const RunId& run, RunPatience patience) {
  return work_off(environment, test_.settings_, run, patience, [this](const RunProgress& progress) {
    seen.push_back(progress);
    if (watched) watched(progress);
  });
}

void RunEngineTest::Worker::resume(const RunId& run) {
  resume_run(environment, run);
}

std::string RunEngineTest::name(int number) {
  return fmt::format("person{:02}", number);
}

void RunEngineTest::add_people(int count) {
  for (int i = 0; i < count; ++i) added_.push_back(person(name(static_cast<int>(added_.size()))));
}

std::string RunEngineTest::everybody() const {
  std::string csv = "UserUri\r\n";
  for (const Person& person : added_) csv.append(person.sip_address.address()) += "\r\n";
  return csv;
}

RunId RunEngineTest::staged(const std::string& csv, RunCheckOptions options) {
  const std::string name = fmt::format("run-{}", ++runs_made_);
  const RunId run = runs().begin(
      {.name = name, .source = "users.csv", .input_hash = name, .force = options.force}, living_, marco_);
  TestPlanner planner([this](const Person& person, const RunInputRow& row) {
    const WelcomeRequest typed = request(person);
    PlannedWelcome planned{
        .plan = {.content = typed.content, .template_text = typed.template_text, .way = typed.way},
        .to = {},
        .template_name = "test.html",
        .subject = "Welcome",
        .foreign = {}};
    if (row.address) planned.to = mailbox(*row.address);
    // Rows of one kind share a plan: it names nobody.
    planned.plan.content.to = planned.plan.content.from;
    if (planned_) planned_(planned, person);
    return planned;
  });
  StoreRunRowSink sink(runs(), run);
  const auto input = csv_run_input(CsvReader(pieces_of(csv), "users.csv"), parameter_names());
  RunCheck check =
      check_run(*input, &store(), planner, &sink, options, settings_, run_clock_, nullptr, nullptr);
  add_new_people(std::move(check.new_people), store(), sink, marco_);
  runs().make_ready(run, "", marco_);
  summary_ = std::move(check.summary);
  return run;
}

RunOutcome RunEngineTest::work(const RunId& run, RunPatience patience) {
  Worker worker(*this);
  return worker.work(run, patience);
}

void RunEngineTest::resume(const RunId& run) {
  Worker worker(*this);
  worker.resume(run);
}

std::map<std::int64_t, RunReportLine> RunEngineTest::report(const RunId& run) {
  std::map<std::int64_t, RunReportLine> lines;
  for (const RunReportRow& row : runs().report(run, 0, 1000)) lines[row.line] = report_line(row);
  return lines;
}

RunReportLine RunEngineTest::report_of(const RunId& run, int number) {
  return report(run).at(number + 2);  // after the header
}

std::map<std::string, int> RunEngineTest::results(const RunId& run) {
  std::map<std::string, int> counted;
  for (const auto& [line, row] : report(run)) ++counted[row.mail_result];
  return counted;
}

std::set<std::string> RunEngineTest::twice() const {
  std::set<std::string> once, more;
  for (const ArrivedMail& mail : server_.arrived) {
    if (!once.insert(mail.recipient).second) more.insert(mail.recipient);
  }
  return more;
}

void RunEngineTest::expect_pins_as_mailed() {
  for (const Person& person : added_) {
    const std::vector<ArrivedMail> mails = mails_to(person.mail->address());
    EXPECT_EQ(has_pin(person), !mails.empty()) << person.sip_address.uri();
    if (mails.empty()) continue;
    EXPECT_TRUE(is_valid(person, pin_in(mails.back()))) << person.sip_address.uri();
  }
}

void RunEngineTest::server_may_be_away() {
  server_.connecting = [this] {
    if (away_) server_.refuse_session(no_session(SessionProblem::Unreachable));
  };
}

}  // namespace dialin::test

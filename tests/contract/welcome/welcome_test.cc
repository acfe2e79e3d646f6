// SPDX-License-Identifier: Apache-2.0
#include "contract/welcome/welcome_test.h"

#include <fmt/format.h>

#include <regex>

#include "mail/welcome_template.h"
#include "pin/pin_verifier.h"
#include "welcome/same_command.h"

namespace dialin::test {
namespace {

const TemplateSource& template_source() {
  static const TemplateSource source = {.name = "test.html",
                                        .language = "en",
                                        .html =
                                            "<html><head><title>Welcome</title></head><body>"
                                            "<p>PIN:[{{PIN}}]</p></body></html>",
                                        .text = std::nullopt};
  return source;
}

std::string first_group(const std::string& text, const char* pattern) {
  std::smatch match;
  return std::regex_search(text, match, std::regex(pattern)) ? match[1].str() : std::string();
}

}  // namespace

void KillingCheckpoints::reach(std::string_view name) {
  if (plan_ == nullptr) return;  // the store is being opened
  if (plan_->killed()) throw Killed{};
  reached.emplace_back(name);
  if (also) also(name);
  if ((at_count != 0 && reached.size() == static_cast<std::size_t>(at_count)) || name == at_name) {
    plan_->kill();
    throw Killed{};
  }
}

WelcomeTest::WelcomeTest() : welcome_clock_(on_postgresql(), clock_) {
  settings_.hash_cost = {.memory_kib = 8, .passes = 1};
  settings_.organisation_of = [](const Person&) { return OrganisationValues{}; };
  settings_.trust_of = [](const WelcomeWay&) { return ServerTrust{}; };
  store();
}

WelcomeTest::Process::Process(WelcomeTest& test)
    : checkpoints(plan),
      store(std::make_unique<FaultInjectingStore>(
          open_store(test.location_, OpenMode::MustExist, test.clock_, test.random_, checkpoints, nullptr))),
      by(test.marco_),
      environment{
          .store = *store,
          .open_store = [&test] { return test.open(OpenMode::MustExist); },
          .transport = test.server_,
          .password_of = [&test](const WelcomeWay&) -> std::shared_ptr<const Secret> {
            if (test.password_.empty()) return nullptr;
            return std::make_shared<const Secret>(test.password_);
          },
          .clock = test.welcome_clock_,
          .random = test.random_,
          .checkpoints = checkpoints,
          .observer = *this,
          .by = by,
          .interrupted = [this] { return interrupted; },
          .wait =
              [this, &test](std::chrono::milliseconds time) {
                if (plan->killed()) throw Killed{};
                if (waiting) waiting(time);
                if (time_passes) test.let_pass(time);
              },
      },
      test_(test) {
  plan = &store->plan;
  ProcessIdentity owner = test.living_;
  owner.host = fmt::format("process-{}", ++test.processes_made_);
  plan->owner = owner;
}

WelcomeTest::Process::~Process() {
  end();
}

void WelcomeTest::Process::end() {
  plan->kill();
  test_.make_claims_gone(*plan->owner);
}

void WelcomeTest::make_claims_gone(const ProcessIdentity& owner) {
  tables().execute(
      "UPDATE welcomes SET claim_host = :gone_host, claim_boot_id = :boot, claim_process_id = :gone, "
      "claim_start_time = :start WHERE claim_host = :host",
      {{"gone_host", gone_.host},
       {"boot", gone_.boot_id},
       {"gone", gone_.process_id},
       {"start", gone_.start_time},
       {"host", owner.host}});
}

WelcomeReport WelcomeTest::Process::run_unreported(WelcomeRequest request) {
  WelcomeJob job(environment, test_.settings_);
  return job.run(std::move(request));
}

WelcomeReport WelcomeTest::Process::run(WelcomeRequest request) {
  WelcomeJob job(environment, test_.settings_);
  WelcomeReport report = job.run(std::move(request));
  checkpoints.reach("printed");
  job.reported(report);
  return report;
}

DueReport WelcomeTest::Process::deliver() {
  return deliver_due(environment, test_.settings_);
}

PinSet WelcomeTest::Process::set_pin(const Person& person, const Pin* wanted) {
  return dialin::set_pin(environment, test_.settings_, person, wanted);
}

std::string WelcomeTest::Process::all_said() const {
  std::string all;
  for (const std::string& sentence : said) all += sentence + "\n";
  for (const std::string& line : traced) all += line + "\n";
  return all;
}

Person WelcomeTest::person(const std::string& name, const std::string& line) {
  return people().get(add_person(name, line)).value();
}

WelcomeRequest WelcomeTest::request(const Person& person) const {
  WelcomeRequest request{.person = person,
                         .content = {.to = person.mail.value(),
                                     .to_is_from_record = true,
                                     .from = mailbox("Marco <marco@contoso.com>")}};
  request.content.language = "en";
  request.content.template_hash = template_hash(template_source());
  request.template_text = serialize(template_source());
  request.way.server = "mail.contoso.com";
  rehash(request);
  return request;
}

void WelcomeTest::rehash(WelcomeRequest& request) {
  request.command_hash =
      command_hash(request.person.id, request.content, request.force, request.pin.has_value());
}

WelcomeReport WelcomeTest::welcome(const Person& person, const std::function<void(WelcomeRequest&)>& adjust) {
  Process process(*this);
  WelcomeRequest typed = request(person);
  if (adjust) adjust(typed);
  rehash(typed);
  return process.run(std::move(typed));
}

DueReport WelcomeTest::deliver() {
  Process process(*this);
  return process.deliver();
}

void WelcomeTest::set_pin_to(const Person& person, const std::string& digits) {
  Process process(*this);
  const Pin wanted = pin(digits);
  process.set_pin(person, &wanted);
}

std::string WelcomeTest::pin_in(const ArrivedMail& mail) {
  return first_group(mail.content, "PIN:\\[([0-9]+)\\]");
}

std::string WelcomeTest::message_id_in(const ArrivedMail& mail) {
  return first_group(mail.content, "Message-I[dD]: <([^>]+)>");
}

std::vector<ArrivedMail> WelcomeTest::mails_to(const std::string& address) const {
  std::vector<ArrivedMail> found;
  for (const ArrivedMail& mail : server_.arrived) {
    if (mail.recipient == address) found.push_back(mail);
  }
  return found;
}

bool WelcomeTest::is_valid(const Person& person, const std::string& digits) {
  const PinRecord record = pins().pin_of(person.id);
  return record.verifier && verify_pin(pin(digits), *record.verifier);
}

std::string WelcomeTest::everything_in_the_store() {
  std::string all;
  for (const char* sql : {"SELECT detail FROM audit", "SELECT reply_text FROM welcomes",
                          "SELECT detail FROM welcomes", "SELECT words FROM pauses"}) {
    for (const SqlRow& row : tables().rows(sql, 1)) all += row.text_or_empty(0) + "\n";
  }
  return all;
}

}  // namespace dialin::test

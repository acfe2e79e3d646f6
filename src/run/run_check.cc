// SPDX-License-Identifier: Apache-2.0
#include "run/run_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "run/repeated_pins.h"
#include "store/owner_numbers.h"
#include "welcome/choose_pin.h"
#include "welcome/same_command.h"

namespace dialin {
namespace {

constexpr std::size_t Batch = 500;
constexpr std::int64_t ProgressInterval = 1000;
constexpr std::size_t MostBadRowsKept = 1000;
constexpr std::size_t MostSamples = 3;
constexpr std::size_t MostForeignExamples = 5;
constexpr std::size_t LongestIdentity = 320;
constexpr std::chrono::hours Recent{7 * 24};

// Everything that tells two plans apart, with a separator that none of the texts holds.
std::string key_of(const RunPlan& plan) {
  const WelcomeContent& content = plan.content;
  std::string key;
  const auto add = [&key](std::string_view part) { key.append(part).push_back('\0'); };
  const auto add_mailbox = [&](const Mailbox& mailbox) {
    add(mailbox.address());
    add(mailbox.display_name());
  };
  const auto add_all = [&](const std::vector<Mailbox>& mailboxes) {
    for (const Mailbox& mailbox : mailboxes) add_mailbox(mailbox);
    add("");
  };
  add_mailbox(content.from);
  if (content.reply_to) add_mailbox(*content.reply_to);
  add("");
  add(content.envelope_sender);
  add(content.subject);
  add(content.language);
  add_all(content.cc);
  add_all(content.bcc);
  add(content.template_hash);
  add(fmt::format("{}{}{}", content.mask_pin_in_copies, content.plain_text_only, content.without_link));
  add(describe(plan.way));
  add(plan.way.password_source);
  return key;
}

// Why a row cannot be welcomed.
struct BadRow {
  std::string column;
  std::string code;
  std::string reason;
};

// Which line each person stands on; by a hash of the id, so that a million of them need little memory (two
// that collide would be one chance in 10^7 for a million people, and are then a row that is named and left
// out).
class LinesOfPeople {
 public:
  // The earlier line, if there is one.
  std::optional<std::int64_t> note(const std::string& person, std::int64_t line) {
    const auto [found, is_new] = lines_.emplace(std::hash<std::string>()(person), line);
    if (is_new) return std::nullopt;
    return found->second;
  }

 private:
  std::unordered_map<std::size_t, std::int64_t> lines_;
};

class Checking {
 public:
  Checking(Store* store, WelcomePlanner& planner, RunRowSink* sink, const RunCheckOptions& options,
           const WelcomeSettings& settings, const Clock& clock)
      : store_(store),
        planner_(planner),
        sink_(sink),
        options_(options),
        settings_(settings),
        clock_(clock) {}

  void take(RunInputRow row) {
    ++summary().rows;
    try {
      check(row);
    } catch (BadRow& bad) {
      put_bad(row, std::move(bad));
    }
  }

  RunCheck finish() {
    flush();
    return std::move(result_);
  }

 private:
  RunSummary& summary() { return result_.summary; }

  void check(RunInputRow& row) {
    if (row.problem) throw BadRow{row.problem->column, "InvalidRow", row.problem->reason};
    if (row.already_sent) {
      ++summary().already_sent;
      return put_skipped(row, std::nullopt, "AlreadySent", "its mail was accepted in the run of this report");
    }
    std::optional<Person> person = row.person ? std::move(row.person) : find(row);
    if (!person) return check_new(row);
    if (const auto earlier = lines_.note(person->id, row.line)) throw twice(*earlier);
    if (!person->enabled) {
      ++summary().disabled;
      return put_skipped(row, person->id, "PinNotEnabledForUser", "the person is disabled");
    }
    const PinRecord record = store_->pins().pin_of(person->id);
    if (record.lock) {
      ++summary().locked;
      return put_skipped(row, person->id, "UserPinAccountLocked",
                         fmt::format("the PIN was locked by {}", record.lock->by));
    }
    if (record.verifier && !options_.force) {
      ++summary().already_set;
      return put_skipped(row, person->id, "PinAlreadySet", "the person has a PIN; -Force replaces it");
    }
    std::optional<Pin> pin = pin_of(row, *person);
    PlannedWelcome planned = plan(*person, row);
    if (record.verifier) {
      ++summary().replaced;
      if (record.changed_at && *record.changed_at + Recent > clock_.now()) ++summary().replaced_recent;
    } else {
      ++summary().first;
    }
    count(*person, planned);
    put_waiting(row, *person, record, planned, std::move(pin));
  }

  // A person who is not known yet.
  void check_new(RunInputRow& row) {
    const auto sip_address = SipAddress::parse(row.identity);
    if (!options_.add_people || !sip_address || !row.address) {
      throw BadRow{"UserUri", "UserDoesNotExist",
                   options_.add_people && sip_address
                       ? fmt::format("there is no person \"{}\", and the row has no address to add one with",
                                     row.identity)
                       : fmt::format("there is no person \"{}\"", row.identity)};
    }
    if (const auto earlier = lines_.note(sip_address->key(), row.line)) throw twice(*earlier);
    NewRunPerson added{.line = row.line, .person = {.line = 0, .sip_address = *sip_address}};
    added.person.mail = {true, Mailbox::parse(*row.address)};
    if (!added.person.mail.value) throw bad_address(*row.address);
    Person person{.sip_address = *sip_address};
    apply_row(added.person, person);
    added.pin = pin_of(row, person);
    PlannedWelcome planned = plan(person, row);
    ++summary().first;
    ++summary().new_people;
    count(person, planned);
    added.plan = std::move(planned.plan);
    added.to = std::move(planned.to);
    result_.new_people.push_back(std::move(added));
  }

  std::optional<Person> find(const RunInputRow& row) {
    const auto identifier = UserIdentifier::parse(row.identity);
    if (!identifier)
      throw BadRow{"UserUri", "InvalidRow",
                   fmt::format("it names nobody: {}", explain_bad_user_identifier(row.identity))};
    if (identifier->has_wildcard())
      throw BadRow{"UserUri", "InvalidRow", "a row names one person; * stands for many"};
    if (store_ == nullptr) return std::nullopt;
    try {
      return resolve_person(store_->people(), *identifier);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::NotFound) return std::nullopt;
      if (error.code() == ErrorCode::InvalidInput) throw BadRow{"UserUri", "NonUniqueUser", error.what()};
      throw;
    }
  }

  std::optional<Pin> pin_of(const RunInputRow& row, const Person& person) {
    if (!row.pin) return std::nullopt;
    std::optional<Pin> pin = Pin::parse(row.pin->reveal(ClearSecretAccess()));
    if (!pin)
      throw BadRow{"Pin", "PinDoesNotMeetMinimumRequirements", "a PIN has 4 to 24 digits and nothing else"};
    const PinPolicy policy = settings_.policy_of(person);
    std::string reasons;
    for (const PinViolation violation : check_pin(*pin, policy, owner_numbers(person))) {
      reasons += (reasons.empty() ? "" : "; ") + describe(violation, policy);
      if (violation == PinViolation::TooShort)
        reasons += " (a spreadsheet may have dropped a leading zero: keep the column as text)";
    }
    if (!reasons.empty()) throw BadRow{"Pin", "PinDoesNotMeetMinimumRequirements", reasons};
    if (repeated_.note(*pin)) ++summary().repeated_pins;
    return pin;
  }

  PlannedWelcome plan(const Person& person, const RunInputRow& row) {
    try {
      return planner_.plan(person, row);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::InvalidInput && error.code() != ErrorCode::Precondition) throw;
      throw BadRow{"", "CannotBeWelcomed", error.what()};
    }
  }

  void count(const Person& person, const PlannedWelcome& planned) {
    RunSummary& sum = summary();
    const WelcomeContent& content = planned.plan.content;
    ++sum.by_site[person.site];
    ++sum.by_language[content.language];
    ++sum.by_template[planned.template_name];
    ++sum.by_sender[content.from.address()];
    ++sum.by_server[describe(planned.plan.way)];
    const auto count_copies = [&](const std::vector<Mailbox>& copies) {
      sum.copies += static_cast<std::int64_t>(copies.size());
      if (content.mask_pin_in_copies) return;
      for (const Mailbox& copy : copies) ++sum.unmasked_readers[copy.address()];
    };
    count_copies(content.cc);
    count_copies(content.bcc);
    if (!planned.foreign.empty()) ++sum.foreign;
    for (const std::string& address : planned.foreign) {
      if (sum.foreign_examples.size() < MostForeignExamples &&
          std::ranges::find(sum.foreign_examples, address) == sum.foreign_examples.end())
        sum.foreign_examples.push_back(address);
    }
    const std::string to = planned.to    ? planned.to->address()
                           : person.mail ? person.mail->address()
                                         : std::string();
    if (sum.samples.size() < MostSamples)
      sum.samples.push_back({person.sip_address.uri(), to, planned.subject, content.language});
    sum.languages.try_emplace(content.language, RunSummary::OfLanguage{person, planned});
    const bool known =
        std::ranges::any_of(sum.ways, [&](const WelcomeWay& way) { return same_way(way, planned.plan.way); });
    if (!known) sum.ways.push_back(planned.plan.way);
  }

  static BadRow twice(std::int64_t earlier) {
    return {"UserUri", "RepeatedPerson", fmt::format("the same person stands on line {} too", earlier)};
  }
  static BadRow bad_address(const std::string& address) {
    return {"UserEmailAddress", "InvalidRow", explain_bad_mailbox(address)};
  }

  // ---- Rows for the sink ----

  StagedRow staged(const RunInputRow& row, RunRowState state) const {
    StagedRow result;
    result.line = row.line;
    result.identity = truncate_utf8(row.identity);
    result.state = state;
    return result;
  }

  static std::string truncate_utf8(std::string text) {
    if (text.size() <= LongestIdentity) return text;
    std::size_t end = LongestIdentity;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
    return text;
  }

  void put_skipped(const RunInputRow& row, const std::optional<PersonId>& person, std::string code,
                   std::string detail) {
    StagedRow result = staged(row, RunRowState::Skipped);
    result.person = person;
    result.code = std::move(code);
    result.detail = std::move(detail);
    put(std::move(result), std::nullopt);
  }

  void put_bad(const RunInputRow& row, BadRow bad) {
    RunSummary& sum = summary();
    ++sum.bad;
    ++sum.bad_by_reason[bad.code];
    StagedRow result = staged(row, RunRowState::Invalid);
    result.had_pin = row.pin.has_value();
    result.code = bad.code;
    result.detail = bad.column.empty() ? bad.reason : fmt::format("{}: {}", bad.column, bad.reason);
    if (sum.bad_rows.size() < MostBadRowsKept)
      sum.bad_rows.push_back(
          {row.line, row.identity, std::move(bad.column), std::move(bad.code), std::move(bad.reason)});
    put(std::move(result), std::nullopt);
  }

  void put_waiting(const RunInputRow& row, const Person& person, const PinRecord& record,
                   const PlannedWelcome& planned, std::optional<Pin> pin) {
    if (sink_ == nullptr) return;
    StagedRow result = staged(row, RunRowState::Waiting);
    result.person = person.id;
    result.plan = sink_->plan_number(planned.plan);
    result.to = planned.to;
    result.version = record.version;
    put(std::move(result), std::move(pin));
  }

  void put(StagedRow row, std::optional<Pin> pin) {
    if (sink_ == nullptr) return;
    rows_.push_back(std::move(row));
    pins_.push_back(std::move(pin));
    if (rows_.size() == Batch) flush();
  }

  void flush() {
    if (sink_ == nullptr || rows_.empty()) return;
    for (std::size_t i = 0; i < rows_.size(); ++i) rows_[i].pin = pins_[i] ? &*pins_[i] : nullptr;
    // What lines_ let through by a collision of hashes would be found here; it cannot happen the other way.
    sink_->put(rows_);
    rows_.clear();
    pins_.clear();
  }

  Store* store_;
  WelcomePlanner& planner_;
  RunRowSink* sink_;
  const RunCheckOptions& options_;
  const WelcomeSettings& settings_;
  const Clock& clock_;
  LinesOfPeople lines_;
  RepeatedPins repeated_;
  std::vector<StagedRow> rows_;
  std::vector<std::optional<Pin>> pins_;  // of rows_
  RunCheck result_;
};

}  // namespace

RunCheck check_run(RunInput& input, Store* store, WelcomePlanner& planner, RunRowSink* sink,
                   const RunCheckOptions& options, const WelcomeSettings& settings, const Clock& clock,
                   const std::function<void(std::int64_t)>& progress,
                   const std::function<bool()>& interrupted) {
  Checking checking(store, planner, sink, options, settings, clock);
  std::int64_t rows = 0;
  while (auto row = input.next()) {
    if (interrupted && interrupted())
      throw Error(ErrorCode::Interrupted, "stopped while the input was being checked",
                  "Nothing was changed or sent.");
    checking.take(std::move(*row));
    if (progress && ++rows % ProgressInterval == 0) progress(rows);
  }
  return checking.finish();
}

int StoreRunRowSink::plan_number(const RunPlan& plan) {
  const std::string key = key_of(plan);
  if (const auto known = numbers_.find(key); known != numbers_.end()) return known->second;
  return numbers_[key] = runs_.add_plan(run_, plan);
}

void add_new_people(std::vector<NewRunPerson> people, Store& store, RunRowSink& sink, const Operator& by) {
  for (std::size_t begin = 0; begin < people.size(); begin += Batch) {
    const std::size_t end = std::min(people.size(), begin + Batch);
    std::vector<PersonRow> rows;
    for (std::size_t i = begin; i < end; ++i) rows.push_back(people[i].person);
    const PeopleImport imported = store.people().apply(rows, ImportMode::Apply, false, by);
    if (!imported.conflicts.empty())
      throw Error(ErrorCode::Precondition,
                  fmt::format("line {}: the person cannot be added: {}", people[begin].line,
                              imported.conflicts.front().reason),
                  "Nothing was sent. Correct the row, or add the person with: dialin people add");
    std::vector<StagedRow> staged;
    for (std::size_t i = begin; i < end; ++i) {
      const NewRunPerson& added = people[i];
      const auto identifier = UserIdentifier::parse(added.person.sip_address.uri());
      const Person person = resolve_person(store.people(), *identifier);
      StagedRow row;
      row.line = added.line;
      row.identity = person.sip_address.address();
      row.state = RunRowState::Waiting;
      row.person = person.id;
      row.plan = sink.plan_number(*added.plan);
      row.to = added.to;
      row.version = store.pins().pin_of(person.id).version;
      row.pin = added.pin ? &*added.pin : nullptr;
      staged.push_back(std::move(row));
    }
    sink.put(staged);
  }
}

}  // namespace dialin

// SPDX-License-Identifier: Apache-2.0
// Store, schema, key, clock, access numbers, and what waits.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "base/text.h"
#include "command/doctor_checks.h"
#include "shell/output.h"
#include "shell/progress.h"
#include "welcome/outbox_session.h"

namespace dialin {
namespace {

const char* const Stored = "Store";
const char* const KeySubject = "Key";
const char* const ClockSubject = "Clock";
const char* const Numbers = "Numbers";
const char* const Waiting = "Waiting";

// What is due for longer than this, nothing sends.
constexpr std::chrono::minutes Patience{10};
constexpr std::size_t MostLookedAt = 1000;
// Lines of another host may be a little ahead.
constexpr std::chrono::seconds ClockTolerance{5};
// Before this program was written.
constexpr Timestamp FirstSaneTime = std::chrono::sys_days(std::chrono::year(2025) / 1 / 1);

std::string time_text(const CommandContext& context, Timestamp time) {
  return time_for_people(time, context.streams.locale_name("LC_TIME"));
}

template <class Number>
std::string count_of(Number count, const char* one, const char* many) {
  return fmt::format("{} {}", with_separators(static_cast<std::int64_t>(count)), count == 1 ? one : many);
}

void diagnose_key(const CommandContext& context, Store& store, const StoreStatus& status,
                  Diagnoses& diagnoses) {
  if (status.key_opens_seals && !*status.key_opens_seals)
    return diagnoses.problem(
        KeySubject, fmt::format("{} does not open what was sealed last", status.key_id),
        "The store or the key is not the one that belongs to the other: restore both from one backup "
        "(dialin key import brings a key).");
  diagnoses.ok(KeySubject, fmt::format("{} is there{}", status.key_id,
                                       status.key_opens_seals ? " and opens what was sealed last"
                                                              : "; nothing is sealed under it yet"));
  if (const auto exported = store.keys().exported_since_made()) {
    diagnoses.ok(KeySubject,
                 fmt::format("{} was exported on {}", status.key_id, time_text(context, *exported)));
  } else {
    diagnoses.warning(KeySubject,
                      fmt::format("{} has never been exported: with this host's disk all PINs would be lost",
                                  status.key_id),
                      "dialin key export FILE, and keep the file and its passphrase elsewhere");
  }
}

void diagnose_clock(const CommandContext& context, const StoreStatus& status, Diagnoses& diagnoses) {
  const Timestamp now = context.clock.now();
  const std::string remedy = "Set the clock (timedatectl status), and let something keep it right.";
  if (now < FirstSaneTime)
    return diagnoses.problem(ClockSubject, fmt::format("it is {} by the clock of this host", to_rfc3339(now)),
                             remedy);
  if (status.newest_audit_line && *status.newest_audit_line > now + ClockTolerance)
    return diagnoses.problem(ClockSubject,
                             fmt::format("it is {} by the clock of this host, and the store has a line of {}",
                                         to_rfc3339(now), to_rfc3339(*status.newest_audit_line)),
                             remedy);
  diagnoses.ok(ClockSubject, fmt::format("{}", time_text(context, now)));
}

void diagnose_numbers(Store& store, const StoreStatus& status, Diagnoses& diagnoses) {
  const std::vector<AccessNumber> numbers = store.numbers().of_region("");
  if (numbers.empty())
    return diagnoses.warning(Numbers, "there are no access numbers: mails name no number to call",
                             "dialin number import FILE.csv");
  std::set<std::string> regions;
  std::size_t without_region = 0;
  for (const AccessNumber& number : numbers) {
    regions.insert(number.regions.begin(), number.regions.end());
    if (number.regions.empty()) ++without_region;
  }
  const std::size_t before = diagnoses.all().size();
  for (const EmptyRegion& empty : store.numbers().empty_regions()) {
    if (empty.people == 0) continue;
    diagnoses.warning(Numbers,
                      fmt::format("{} of the region {}, which no number has: mails show all numbers",
                                  count_of(empty.people, "person is", "people are"), empty.region),
                      "dialin number set NUMBER --regions ..., or dialin people set PERSON --region ...");
  }
  if (!regions.empty() && status.people_without_region > 0)
    diagnoses.warning(Numbers,
                      fmt::format("{} no region: mails show all numbers",
                                  count_of(status.people_without_region, "person has", "people have")),
                      "dialin people set PERSON --region ..., or a column Region in the people's file.");
  if (!regions.empty() && without_region > 0)
    diagnoses.warning(Numbers,
                      fmt::format("{} no region: no mail to somebody with a region shows it",
                                  count_of(without_region, "number has", "numbers have")),
                      "dialin number set NUMBER --regions ...");
  if (diagnoses.all().size() == before)
    diagnoses.ok(Numbers, fmt::format("{} in {}", count_of(numbers.size(), "number", "numbers"),
                                      count_of(regions.size(), "region", "regions")));
}

// Since when the row could have been sent.
Timestamp due_since(const WelcomeRow& row) {
  return row.next_attempt_at ? *row.next_attempt_at : row.created_at;
}

void diagnose_due(CommandContext& context, Store& store, Diagnoses& diagnoses) {
  const std::vector<WelcomeId> due = store.outbox().due(MostLookedAt);
  const Outbox::LaterAttempts later = store.outbox().not_yet_due();
  const std::string next =
      later.first ? fmt::format("; {} for a later attempt, the first {}",
                                count_of(later.rows, "waits", "wait"), time_text(context, *later.first))
                  : std::string();
  std::optional<Timestamp> oldest;
  for (const WelcomeId& id : due) {
    const auto row = store.outbox().get(id);
    if (row && (!oldest || due_since(*row) < *oldest)) oldest = due_since(*row);
  }
  const Timestamp now = context.clock.now();
  if (!oldest) return diagnoses.ok(Waiting, "no mail of a single command is due" + next);
  const std::string count = due.size() == MostLookedAt ? fmt::format("{} mails or more are", due.size())
                                                       : count_of(due.size(), "mail is", "mails are");
  if (now - *oldest < Patience) return diagnoses.ok(Waiting, fmt::format("{} due{}", count, next));
  diagnoses.problem(Waiting,
                    fmt::format("{} due, the oldest since {}, and nothing sends them{}", count,
                                time_text(context, *oldest), next),
                    "Let a timer run `dialin deliver`, or a service `dialin deliver --watch`.");
}

void diagnose_runs(CommandContext& context, Store& store, Diagnoses& diagnoses) {
  for (const RunRecord& run : store.runs().list()) {
    if (run.state != RunState::Ready) continue;
    const std::string name = sanitize_foreign_text(run.name, 80);
    if (run.pause && (!run.pause->until || *run.pause->until > context.clock.now())) {
      diagnoses.problem(Waiting, fmt::format("the run {} is paused: {}", name, run.pause->words),
                        fmt::format("When the reason is mended: dialin run resume {}", name));
    } else if (!store.runs().worked_on(run.id)) {
      diagnoses.warning(Waiting,
                        fmt::format("the run {} has something left, and nothing is sent of it now", name),
                        fmt::format("dialin run resume {}, or a timer with `dialin deliver`.", name));
    }
  }
}

void diagnose_waiting(CommandContext& context, Store& store, const StoreStatus& status,
                      Diagnoses& diagnoses) {
  for (const Pause& pause : status.pauses) diagnoses.problem(Waiting, describe(pause), how_to_end(pause));
  diagnose_due(context, store, diagnoses);
  diagnose_runs(context, store, diagnoses);
  for (const auto& [state, count] : status.welcomes) {
    if (state == WelcomeState::Uncertain && count > 0)
      diagnoses.warning(Waiting, fmt::format("of {} welcomes it is not known whether they arrived", count),
                        "dialin why PERSON tells about each; the same command sends the same mail again.");
  }
}

}  // namespace

std::unique_ptr<Store> diagnose_opening(CommandContext& context, Diagnoses& diagnoses) {
  try {
    std::unique_ptr<Store> store = context.open_store(OpenMode::MustExist);
    if (!store)
      diagnoses.warning(Stored, "there is none yet",
                        "The first people make it: dialin people import FILE.csv");
    return store;
  } catch (const Error& error) {
    diagnoses.problem(Stored, error.what(), error.next());
    return nullptr;
  }
}

void diagnose_store(CommandContext& context, Store& store, Diagnoses& diagnoses) {
  try {
    const StoreStatus status = store.status();
    diagnoses.ok(Stored, fmt::format("{}, {}, schema {}: {}, {}", status.backend, status.location,
                                     status.schema_version, count_of(status.people, "person", "people"),
                                     count_of(status.pins_set, "PIN", "PINs")));
    diagnose_key(context, store, status, diagnoses);
    diagnose_clock(context, status, diagnoses);
    diagnose_numbers(store, status, diagnoses);
    diagnose_waiting(context, store, status, diagnoses);
  } catch (const Error& error) {
    diagnoses.problem(Stored, error.what(), error.next());
  }
}

}  // namespace dialin

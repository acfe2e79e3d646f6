// SPDX-License-Identifier: Apache-2.0
// The order matters: the input is read once, checked and staged; nothing is ready, nobody is added and no
// server is spoken to before everything that can be wrong was found, shown and confirmed. Whatever ends the
// command before that takes the staged rows away again.
#include "command/welcome_many.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "command/csv_input.h"
#include "command/run_output.h"
#include "command/run_planner.h"
#include "command/run_preview.h"
#include "command/run_questions.h"
#include "command/run_source.h"
#include "command/run_working.h"
#include "run/staged_again.h"
#include "shell/progress.h"
#include "welcome/outbox_session.h"
#include "welcome/same_command.h"

namespace dialin {
namespace {

// Names and addresses of a person who is not the first of their language may be longer.
constexpr std::size_t RoomForLongerNames = 4096;

// Staged rows, until they are made ready.
class Staging {
 public:
  Staging(RunStore& runs, RunId id) : runs_(runs), id_(std::move(id)) {}
  ~Staging() {
    if (id_.empty()) return;
    try {
      runs_.discard(id_);
    } catch (const Error&) {
      // The next run sweeps what is left behind.
    }
  }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  const RunId& id() const { return id_; }
  void ready() { id_.clear(); }

 private:
  RunStore& runs_;
  RunId id_;
};

void refuse_known_name(RunStore& runs, const std::string& name) {
  if (const auto known = runs.find(name)) {
    throw Error(ErrorCode::AlreadyExists,
                fmt::format("there is a run {} already: {}, begun {}", known->name, to_text(known->state),
                            to_rfc3339(known->created_at)),
                fmt::format("Choose another -RunName; `dialin run show {}` shows that one.",
                            shell_word(known->name)));
  }
}

// Two runs of one file in the same second; or the same command again, with its -RunName, that goes on with
// the run.
std::string free_name(RunStore& runs, const std::string& name) {
  std::string free = name;
  for (int i = 2; runs.find(free); ++i) free = fmt::format("{}-{}", name, i);
  return free;
}

class ManyWelcomes {
 public:
  ManyWelcomes(CommandContext& context, BoundParameters& bound)
      : context_(context),
        bound_(bound),
        source_(run_source(bound, context.clock.now())),
        limits_(typed_limits(bound)),
        store_(context.open_store(bound.what_if() ? OpenMode::MustExist : OpenMode::CreateIfAbsent)),
        settings_(welcome_settings(context.configuration, store_.get(), limits_)),
        planner_(context, bound, store_.get()),
        passwords_(context, true) {}

  int run() {
    if (bound_.what_if()) {
      read(nullptr);
      return preview();
    }
    RunStore& runs = store_->runs();
    runs.sweep_abandoned();
    const std::string name = run_name(bound_, source_, context_.clock.now());
    if (bound_.flag("NewRun") && bound_.given("RunName")) refuse_known_name(runs, name);
    const std::string free = free_name(runs, name);
    Staging staging(runs, runs.begin({.name = free, .source = source_.words, .force = bound_.flag("Force")},
                                     this_process(), context_.by));
    StoreRunRowSink sink(runs, staging.id());
    const std::string hash = read(&sink);
    if (!bound_.flag("NewRun")) {
      if (const auto former = runs.latest_of_input(hash)) {
        if (const auto code = go_on_with(*former, staging.id())) return *code;
      }
    }
    if (bound_.given("RunName") && free != name) refuse_known_name(runs, name);
    if (summary().to_welcome() == 0 && !bound_.given("Report")) {
      context_.streams.write_error(describe_run(summary(), source_.words, relays()));
      context_.streams.write_error("There is nobody to welcome: nothing was changed or sent.\n");
      return 0;
    }
    write_previews();
    confirm_run();
    const std::unique_ptr<NewFile> report = create_report();
    set_stated_limits(context_, *store_, settings_, summary().ways);
    context_.finish_on_interruption();
    add_new_people(std::move(check_.new_people), *store_, sink, context_.by);
    runs.set_input_hash(staging.id(), hash);
    const RunId id = staging.id();
    runs.make_ready(id, confirmed_note(summary()), context_.by);
    staging.ready();
    context_.checkpoints.reach("run-ready");
    if (bound_.flag("AsJob")) return leave_to_deliver(id, report.get());
    WelcomeWorkplace workplace(context_, *store_, &passwords_, bound_.verbose(), limits_);
    return work_on_run(work(workplace), id, report.get());
  }

 private:
  const RunSummary& summary() const { return check_.summary; }
  RunWorkplace work(WelcomeWorkplace& workplace) {
    return {context_, bound_, *store_, passwords_, workplace};
  }

  // The whole input. Says what is wrong with it, and throws if it may not be run so. Returns the input's
  // hash.
  std::string read(RunRowSink* sink) {
    const auto input = open_run_input(context_, bound_, source_, store_.get());
    write_unknown_columns(context_, source_.words, input->unknown_columns());
    const RunCheckOptions options{.force = bound_.flag("Force"), .add_people = bound_.flag("AddPeople")};
    {
      Progress progress(context_.streams, context_.clock);
      check_ = check_run(
          *input, store_.get(), planner_, sink, options, settings_, context_.clock,
          [&progress](std::int64_t rows) { progress.show_count("Checked", rows, "rows"); },
          context_.interrupted);
    }
    context_.streams.write_error(describe_bad_rows(summary(), source_.words));
    if (!bound_.what_if()) refuse_bad_rows_of_run();
    refuse_without_link();
    return input_hash(bound_, input->digest());
  }

  void refuse_bad_rows_of_run() {
    if (summary().bad == 0 || bound_.flag("SkipInvalid")) return;
    throw Error(
        ErrorCode::InvalidInput,
        fmt::format("{}: {} cannot be welcomed, and nothing was changed or sent",
                    sanitize_foreign_text(source_.words, 200),
                    summary().bad == 1 ? std::string("one row") : with_separators(summary().bad) + " rows"),
        fmt::format("Correct them, or leave them out with {}.", bound_.display_name("SkipInvalid")));
  }

  void refuse_without_link() {
    if (summary().to_welcome() < 2 || planner_.without_link().empty()) return;
    const std::string& site = *planner_.without_link().begin();
    throw Error(
        ErrorCode::Configuration,
        fmt::format("the mails of {} people would have no link to the settings page; nothing was changed "
                    "or sent",
                    with_separators(summary().to_welcome())),
        fmt::format("Put `settings_page_url = \"https://dialin.example.org\"` under [organisation]{} into "
                    "{}, or write {} to send them without it.",
                    site.empty() ? std::string() : fmt::format(" or [site.{}.organisation]", site),
                    context_.configuration_place.file ? context_.configuration_place.file->string()
                                                      : std::string("/etc/dialin/dialin.toml"),
                    bound_.display_name("NoLink")));
  }

  std::vector<RelayPreview> relays() {
    std::vector<RelayPreview> relays;
    for (const WelcomeWay& way : summary().ways) {
      relays.push_back({way, stated_limit(context_.configuration, way, limits_),
                        store_ ? store_->relays().state(relay_of(way)) : std::nullopt});
    }
    return relays;
  }

  void write_previews() {
    if (const auto directory = bound_.text("Preview"))
      write_samples(context_, *directory, sample_mails(context_, store_.get(), settings_, summary()));
  }

  std::unique_ptr<NewFile> create_report() {
    const auto path = bound_.text("Report");
    return path ? context_.files.create(*path) : nullptr;
  }

  void confirm_run() {
    context_.streams.write_error(describe_run(summary(), source_.words, relays()));
    if (bound_.flag("AsJob")) refuse_typed_passwords();
    ask_about_run(context_, bound_, summary());
    ask_for_passwords(passwords_, summary().ways);
  }

  // Nobody is there to type one when deliver sends.
  void refuse_typed_passwords() {
    const auto typed = std::ranges::find(summary().ways, "prompt", &WelcomeWay::password_source);
    if (typed == summary().ways.end()) return;
    throw Error(ErrorCode::InvalidInput,
                fmt::format("{} leaves sending to dialin deliver, which cannot ask for the password of {}",
                            bound_.display_name("AsJob"), typed->user),
                fmt::format("Write -Credential {}:@FILE.", typed->user));
  }

  // ---- -WhatIf ----

  int preview() {
    context_.streams.write_output(describe_run(summary(), source_.words, relays()));
    const std::vector<SampleMail> samples = sample_mails(context_, store_.get(), settings_, summary());
    if (const auto directory = bound_.text("Preview")) write_samples(context_, *directory, samples);
    const int code = probe(samples);
    context_.streams.write_output("What if: nothing was changed or sent.\n");
    context_.streams.flush();
    refuse_bad_rows_of_run();
    return code;
  }

  int probe(const std::vector<SampleMail>& samples) {
    std::size_t largest = 0;
    for (const SampleMail& sample : samples) largest = std::max(largest, sample.message.size());
    int code = 0;
    for (const WelcomeWay& way : summary().ways) {
      const auto password = way.user.empty() ? nullptr : passwords_.of(way);
      ProtocolTrace trace;
      if (bound_.verbose())
        trace = [this](const std::string& line) { context_.streams.write_error(line + "\n"); };
      const auto problem = context_.transport
                               .probe(submission_server(way, settings_, password),
                                      largest + RoomForLongerNames, trace, context_.interrupted)
                               .problem;
      context_.streams.write_output(
          fmt::format("{:<16}{}: {}\n", "Mail server:", describe(way),
                      problem ? describe(*problem) : std::string("ready for these mails")));
      if (!problem) continue;
      code = worse_exit_code(
          code, exit_code(problem->problem == SessionProblem::PasswordRefused ? ErrorCode::Unauthenticated
                                                                              : ErrorCode::TryAgain));
    }
    return code;
  }

  // ---- The same input again ----

  // Nothing: the former run has no say, a new one begins.
  std::optional<int> go_on_with(const RunRecord& former, const RunId& staged) {
    if (former.state == RunState::Cancelled || former.state == RunState::Staging) return std::nullopt;
    // People of the store are chosen anew each time: whoever still lacks a PIN is among them.
    if (former.state == RunState::Finished && source_.kind == RunSource::Kind::People) return std::nullopt;
    if (former.state == RunState::Finished && !has_something_left(former)) {
      context_.streams.write_error(
          fmt::format("{} was run before, as {}, and there is nothing left to do. {} begins a new run.\n",
                      sanitize_foreign_text(source_.words, 200), former.name, bound_.display_name("NewRun")));
      write_object(context_.streams, object_of(former, store_->runs().counts(former.id)),
                   output_format(bound_));
      return 0;
    }
    change_way(former);
    const std::unique_ptr<NewFile> report = create_report();
    ask_for_passwords(passwords_, ways_of(*store_, former.id));
    context_.finish_on_interruption();
    WelcomeWorkplace workplace(context_, *store_, &passwords_, bound_.verbose(), limits_);
    if (former.state == RunState::Ready) {
      context_.streams.write_error(
          fmt::format("The run {} of the same input is not finished: it goes on.\n", former.name));
      if (bound_.flag("AsJob")) return leave_to_deliver(former.id, report.get());
      return resume_and_work(work(workplace), former, report.get());
    }
    retry_rows(work(workplace), former, [&](std::vector<RunReportRow> invalid) {
      return take_staged_rows(store_->runs(), former.id, invalid, staged, context_.by);
    });
    if (bound_.flag("AsJob")) return leave_to_deliver(former.id, report.get());
    return work_on_run(work(workplace), former.id, report.get());
  }

  bool has_something_left(const RunRecord& former) {
    const RunCounts counts = store_->runs().counts(former.id);
    return counts.failed + counts.uncertain > 0 || (counts.invalid > 0 && counts.invalid != summary().bad);
  }

  // The way is no part of the input: a run goes on the way that is typed now, where that can be told from
  // others.
  void change_way(const RunRecord& former) {
    const std::vector<WelcomeWay> before = ways_of(*store_, former.id);
    const bool same = std::ranges::all_of(summary().ways, [&](const WelcomeWay& way) {
      return std::ranges::any_of(before, [&](const WelcomeWay& other) { return same_way(way, other); });
    });
    if (same || before.empty()) return;
    if (before.size() > 1 || summary().ways.size() > 1) {
      context_.streams.write_error(fmt::format(
          "The run {} keeps its ways, of which it has several: {} is one. To send it other ways, `dialin run "
          "cancel {}`, and type this command with {}.\n",
          former.name, describe(before.front()), shell_word(former.name), bound_.display_name("NewRun")));
      return;
    }
    if (!store_->runs().change_way(former.id, before.front(), summary().ways.front(), context_.by)) {
      throw Error(ErrorCode::TryAgain,
                  fmt::format("the run {} is being sent by another process at this moment, by {}",
                              former.name, describe(before.front())),
                  "Stop that one first, or type the command as it was to follow it.");
    }
    const std::vector<WelcomeWay> now = ways_of(*store_, former.id);
    context_.streams.write_error(fmt::format("The run {} now goes by {}, not by {}.\n", former.name,
                                             describe(now.front()), describe(before.front())));
  }

  int leave_to_deliver(const RunId& id, NewFile* report) {
    const auto record = store_->runs().get(id);
    if (!record) throw Error(ErrorCode::Internal, "a run that was made ready is not there");
    write_object(context_.streams, object_of(*record, store_->runs().counts(id)), output_format(bound_));
    context_.streams.flush();
    if (report != nullptr) write_report(*store_, id, *report);
    context_.streams.write_error(fmt::format(
        "The run {} is queued. `dialin deliver` sends it, or `dialin deliver --watch`; `dialin run "
        "show {} --follow` shows how far it is.\n",
        record->name, shell_word(record->name)));
    return 0;
  }

  CommandContext& context_;
  BoundParameters& bound_;
  const RunSource source_;
  const TypedLimits limits_;
  const std::unique_ptr<Store> store_;
  const WelcomeSettings settings_;
  RunPlanner planner_;
  Passwords passwords_;
  RunCheck check_;
};

}  // namespace

int run_welcome_many(CommandContext& context, BoundParameters& bound) {
  return ManyWelcomes(context, bound).run();
}

}  // namespace dialin

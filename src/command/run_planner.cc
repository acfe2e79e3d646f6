// SPDX-License-Identifier: Apache-2.0
#include "command/run_planner.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "command/mail_server_parameters.h"
#include "command/template_parameters.h"
#include "command/welcome_recipients.h"
#include "people/language_tag.h"
#include "welcome/same_command.h"

namespace dialin {

struct RunPlanner::Chosen {
  const TemplateSource* source = nullptr;
  std::string serialized;
  std::string hash;
  std::string title;
};

struct RunPlanner::Site {
  SiteSettings settings;
  Sender sender;
  WelcomeWay way;
  TemplateLibrary library;
  std::vector<std::string> allowed;
  std::vector<Chosen> templates;  // one for each of the library's
};

namespace {

std::string language_of(const RunInputRow& row) {
  const auto tag = parse_language_tag(*row.language);
  if (!tag) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("no language tag: \"{}\"", sanitize_foreign_text(*row.language, 60)),
                "Write one like en, fr or fr-CA.");
  }
  return *tag;
}

Mailbox address_of(const RunInputRow& row) {
  auto mailbox = Mailbox::parse(*row.address);
  if (!mailbox) {
    throw Error(ErrorCode::InvalidInput,
                fmt::format("no mail address: \"{}\": {}", sanitize_foreign_text(*row.address, 100),
                            explain_bad_mailbox(*row.address)));
  }
  return *mailbox;
}

// Where the mail goes: the row's address, else the recorded one.
// "" for a site without settings of its own.
std::string site_key(const Configuration& configuration, const std::string& site) {
  std::string folded = fold_case(site);
  return configuration.sites.contains(folded) ? folded : std::string();
}

const Mailbox& reader_of(const PlannedWelcome& planned, const Person& person) {
  if (planned.to) return *planned.to;
  if (person.mail) return *person.mail;
  throw Error(
      ErrorCode::Precondition,
      fmt::format("{} has no mail address on record, and the row names none", person.sip_address.uri()),
      "Fill in UserEmailAddress, or record it with dialin people import.");
}

}  // namespace

RunPlanner::RunPlanner(CommandContext& context, const BoundParameters& bound, Store* store)
    : context_(context),
      bound_(bound),
      store_(store),
      subject_(subject_from(bound)),
      cc_(mailboxes_from(bound, "Cc")),
      bcc_(mailboxes_from(bound, "Bcc")),
      masked_(!bound.flag("UnmaskedCopies")) {
  // With sites, what the general settings lack may be nobody's lack.
  if (context.configuration.sites.empty()) sites_[""] = make_site(context.configuration.for_site(""));
}

RunPlanner::~RunPlanner() = default;

std::unique_ptr<RunPlanner::Site> RunPlanner::make_site(const SiteSettings& settings) {
  const Sender sender = sender_from(context_, bound_, settings.mail);
  const WelcomeWay way = way_from(context_, bound_, settings.smtp);
  auto site = std::make_unique<Site>(Site{
      .settings = settings,
      .sender = sender,
      .way = way,
      .library = library_from(context_, bound_, settings.mail,
                              bound_.given("Csv") ? EncodingIsFor::OtherFilesToo : EncodingIsFor::Templates),
      .allowed = {},
      .templates = {}});
  site->allowed = allowed_domains(settings.mail, store_, sender.from);
  for (const TemplateSource& source : site->library.all()) {
    const WelcomeTemplate parsed = WelcomeTemplate::parse(source);
    for (const TemplateProblem& warning : parsed.warnings()) {
      if (warned_.insert(describe(warning)).second) context_.streams.write_error(describe(warning) + "\n");
    }
    site->templates.push_back(
        {&source, serialize(source), template_hash(source), parsed.render({}, nullptr).subject});
  }
  return site;
}

RunPlanner::Site& RunPlanner::site_of(const std::string& name) {
  const std::string key = site_key(context_.configuration, name);
  const auto known = sites_.find(key);
  if (known != sites_.end()) return *known->second;
  try {
    return *(sites_[key] = make_site(context_.configuration.for_site(name)));
  } catch (const Error& error) {
    sites_.erase(key);
    // What the settings lack is no fault of the first row that needs them.
    if (error.code() != ErrorCode::InvalidInput && error.code() != ErrorCode::Precondition) throw;
    throw Error(ErrorCode::Configuration,
                key.empty() ? fmt::format("people without a site of their own settings: {}", error.what())
                            : fmt::format("[site.{}]: {}", name, error.what()),
                error.next());
  }
}

const RunPlanner::Chosen& RunPlanner::template_for(Site& site, const Person& person, const RunInputRow& row) {
  std::vector<std::string> languages = languages_for(context_, bound_, site.settings.mail, person);
  if (row.language) languages.insert(languages.begin(), language_of(row));
  const TemplateSource& source = site.library.choose(languages);
  return *std::ranges::find(site.templates, &source, &Chosen::source);
}

PlannedWelcome RunPlanner::plan(const Person& person, const RunInputRow& row) {
  Site& site = site_of(person.site);
  const Chosen& chosen = template_for(site, person, row);
  // `content.to` is not used: the same for everybody, so that they share a plan.
  PlannedWelcome planned{.plan = {.content = {.to = site.sender.from, .from = site.sender.from},
                                  .template_text = chosen.serialized,
                                  .way = site.way},
                         .to = std::nullopt,
                         .template_name = chosen.source->name,
                         .subject = {},
                         .foreign = {}};
  if (row.address) planned.to = address_of(row);
  Recipients recipients{
      .to = reader_of(planned, person), .to_is_from_record = !planned.to, .cc = cc_, .bcc = bcc_};
  drop_repeated(recipients);

  WelcomeContent& content = planned.plan.content;
  content.reply_to = site.sender.reply_to;
  content.envelope_sender = site.sender.envelope_sender;
  content.subject = row.subject ? checked_subject(*row.subject, "the subject") : subject_;
  content.language = chosen.source->language;
  content.cc = recipients.cc;
  content.bcc = recipients.bcc;
  content.mask_pin_in_copies = masked_;
  content.plain_text_only = bound_.flag("BodyAsPlainText");
  content.without_link = bound_.flag("NoLink");
  content.template_hash = chosen.hash;
  planned.subject = content.subject.empty() ? chosen.title : content.subject;
  planned.foreign = foreign_addresses(person, recipients, masked_, site.allowed);
  if (site.settings.organisation.settings_page_url.empty() && !content.without_link)
    without_link_.insert(person.site);
  return planned;
}

PlansOfRun::PlansOfRun(const Configuration& configuration, RunStore& runs, const RunId& run)
    : configuration_(configuration), plans_(runs.plans(run)) {
  for (const auto& [site, plans] : runs.plans_of_sites(run))
    of_sites_[site_key(configuration_, site)].insert(plans.begin(), plans.end());
}

std::vector<const RunPlan*> PlansOfRun::plans_for(const std::string& site) const {
  std::vector<const RunPlan*> all, of_site;
  for (const RunPlan& plan : plans_) all.push_back(&plan);
  if (const auto known = of_sites_.find(site_key(configuration_, site)); known != of_sites_.end()) {
    for (const int number : known->second) of_site.push_back(all.at(static_cast<std::size_t>(number)));
  }
  // Where all people get the same, a site from which nobody was in the run is no obstacle, and every language
  // that the run has can be had.
  for (const auto& plans : {all, of_site}) {
    const bool one_kind = std::ranges::all_of(plans, [&](const RunPlan* plan) {
      WelcomeContent other = plan->content;
      other.language = plans.front()->content.language;
      other.template_hash = plans.front()->content.template_hash;
      return same_content(other, plans.front()->content) && same_way(plan->way, plans.front()->way);
    });
    if (one_kind) return plans;
  }
  return {};
}

PlannedWelcome PlansOfRun::plan(const Person& person, const RunInputRow& row) {
  const std::vector<const RunPlan*> plans = plans_for(person.site);
  if (plans.empty()) {
    throw Error(
        ErrorCode::Precondition,
        "this run sends mails of several kinds, and which one the row gets is decided by its first command",
        "Type that command again with the same file.");
  }
  const std::string wanted = row.language ? language_of(row) : person.language;
  const auto speaks = [&](std::string_view language) {
    return std::ranges::find_if(
        plans, [&](const RunPlan* plan) { return equal_ignoring_case(plan->content.language, language); });
  };
  auto chosen = speaks(wanted);
  if (chosen == plans.end()) chosen = speaks(wanted.substr(0, wanted.find('-')));
  if (chosen == plans.end()) chosen = plans.begin();
  PlannedWelcome planned{
      .plan = **chosen, .to = std::nullopt, .template_name = {}, .subject = {}, .foreign = {}};
  if (row.address) planned.to = address_of(row);
  reader_of(planned, person);
  planned.subject = (*chosen)->content.subject;
  return planned;
}

}  // namespace dialin

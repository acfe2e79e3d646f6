// SPDX-License-Identifier: Apache-2.0
// What each person of a run gets: by the command's parameters, the row, and the person's [site.NAME].
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "command/command_context.h"
#include "command/sender_parameters.h"
#include "mail/template_library.h"
#include "run/run_check.h"
#include "shell/bound_parameters.h"

namespace dialin {

class RunPlanner final : public WelcomePlanner {
 public:
  // `store` null: there is none yet. Checks everything that all people share: Error as for one person. A
  // template's warnings go to standard error, each once.
  RunPlanner(CommandContext& context, const BoundParameters& bound, Store* store);
  ~RunPlanner() override;

  // Whatever is wrong with a site and not with the row is Error(Configuration): it ends the pass.
  PlannedWelcome plan(const Person& person, const RunInputRow& row) override;

  // The sites, "" for people without one of their own settings, whose mails would have no link to the
  // settings page although nobody said -NoLink.
  const std::set<std::string>& without_link() const { return without_link_; }

 private:
  struct Site;
  struct Chosen;

  std::unique_ptr<Site> make_site(const SiteSettings& settings);
  Site& site_of(const std::string& name);
  const Chosen& template_for(Site& site, const Person& person, const RunInputRow& row);

  CommandContext& context_;
  const BoundParameters& bound_;
  Store* store_;
  const std::string subject_;
  const std::vector<Mailbox> cc_;
  const std::vector<Mailbox> bcc_;
  const bool masked_;
  std::map<std::string, std::unique_ptr<Site>> sites_;  // by fold_case() of the name; "" is everybody else's
  std::set<std::string> warned_;                        // sentences that were said
  std::set<std::string> without_link_;
};

// Of `run retry`, which has no parameters of the first command: everybody gets what the run's own plans say
// for people of their site, in their language. Error(Precondition) for a row where that is not clear.
class PlansOfRun final : public WelcomePlanner {
 public:
  PlansOfRun(const Configuration& configuration, RunStore& runs, const RunId& run);
  PlannedWelcome plan(const Person& person, const RunInputRow& row) override;

 private:
  // Those among which only the language decides; empty: there is more than one kind.
  std::vector<const RunPlan*> plans_for(const std::string& site) const;

  const Configuration& configuration_;
  const std::vector<RunPlan> plans_;
  std::map<std::string, std::set<int>> of_sites_;  // "": of all sites without settings of their own
};

}  // namespace dialin

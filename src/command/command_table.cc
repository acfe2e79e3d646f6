// SPDX-License-Identifier: Apache-2.0
#include "command/command_table.h"

#include "base/error.h"
#include "command/commands.h"

namespace dialin {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> commands = {
      welcome_command(),          deliver_command(),
      cancel_command(),           run_list_command(),
      run_show_command(),         run_resume_command(),
      run_retry_command(),        run_cancel_command(),
      run_report_command(),       pin_set_command(),
      pin_show_command(),         pin_check_command(),
      pin_lock_command(),         pin_unlock_command(),
      policy_new_command(),       policy_show_command(),
      policy_set_command(),       policy_grant_command(),
      policy_remove_command(),    people_add_command(),
      people_import_command(),    people_list_command(),
      people_show_command(),      people_set_command(),
      people_disable_command(),   people_enable_command(),
      people_remove_command(),    number_new_command(),
      number_show_command(),      number_set_command(),
      number_remove_command(),    number_import_command(),
      number_languages_command(), dtmf_show_command(),
      dtmf_set_command(),         dtmf_new_command(),
      dtmf_remove_command(),      template_check_command(),
      template_preview_command(), template_tags_command(),
      template_export_command(),  catch_mail_command(),
      status_command(),           serve_command(),
      key_export_command(),       key_import_command(),
      key_status_command(),       key_rotate_command(),
      key_forget_command(),       audit_command(),
      audit_follow_command(),     audit_head_command(),
      audit_verify_command(),     audit_archive_command(),
      store_upgrade_command(),    why_command(),
      doctor_command(),           config_show_command(),
      config_check_command(),     config_example_command(),
  };
  return commands;
}

CommandTable command_specs() {
  CommandTable table;
  for (const Command& command : all_commands()) table.push_back(&command.spec);
  return table;
}

const Command& command_of(const CommandSpec& spec) {
  for (const Command& command : all_commands()) {
    if (&command.spec == &spec) return command;
  }
  throw Error(ErrorCode::Internal, "a command was found that stands in no table");
}

}  // namespace dialin

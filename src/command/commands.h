// SPDX-License-Identifier: Apache-2.0
// Every command: one function, one file of its name, that returns its row and handler.
#pragma once

#include "command/command_table.h"

namespace dialin {

// The main job
Command welcome_command();  // Set-CsPinSendCAWelcomeMail, welcome
Command deliver_command();  // deliver
Command cancel_command();   // cancel

// Runs
Command run_list_command();
Command run_show_command();
Command run_resume_command();
Command run_retry_command();
Command run_cancel_command();
Command run_report_command();

// PINs
Command pin_set_command();     // Set-CsClientPin, pin set
Command pin_show_command();    // Get-CsClientPinInfo, pin show
Command pin_check_command();   // Test-CsClientPin, pin check
Command pin_lock_command();    // Lock-CsClientPin, pin lock
Command pin_unlock_command();  // Unlock-CsClientPin, pin unlock
Command why_command();

// Policies
Command policy_new_command();     // New-CsPinPolicy, policy new
Command policy_show_command();    // Get-CsPinPolicy, policy show
Command policy_set_command();     // Set-CsPinPolicy, policy set
Command policy_grant_command();   // Grant-CsPinPolicy, policy grant
Command policy_remove_command();  // Remove-CsPinPolicy, policy remove

// People
Command people_add_command();
Command people_import_command();
Command people_list_command();  // Get-CsUser
Command people_set_command();   // Set-CsUser
Command people_show_command();
Command people_disable_command();  // Disable-CsUser
Command people_enable_command();   // Enable-CsUser
Command people_remove_command();

// Mail
Command template_check_command();
Command template_preview_command();
Command template_tags_command();
Command template_export_command();
Command catch_mail_command();

// Numbers: ...-CsDialInConferencing...
Command number_new_command();     // New-...AccessNumber
Command number_show_command();    // Get-...AccessNumber
Command number_set_command();     // Set-...AccessNumber
Command number_remove_command();  // Remove-...AccessNumber
Command number_import_command();
Command number_languages_command();  // Get-...LanguageList
Command dtmf_show_command();         // Get-...DtmfConfiguration
Command dtmf_set_command();          // Set-...DtmfConfiguration
Command dtmf_new_command();          // New-...DtmfConfiguration
Command dtmf_remove_command();       // Remove-...DtmfConfiguration

// The system
Command status_command();
Command doctor_command();
Command config_show_command();
Command config_check_command();
Command config_example_command();
Command serve_command();
Command key_export_command();
Command key_import_command();
Command key_status_command();
Command key_rotate_command();
Command key_forget_command();

// The audit trail
Command audit_command();  // Get-CsPinAudit
Command audit_follow_command();
Command audit_head_command();
Command audit_verify_command();
Command audit_archive_command();

// The store
Command store_upgrade_command();

}  // namespace dialin

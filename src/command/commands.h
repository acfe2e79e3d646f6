// SPDX-License-Identifier: Apache-2.0
// Every command: one function, one file of its name, that returns its row and handler.
#pragma once

#include "command/command_table.h"

namespace dialin {

// The main job
Command welcome_command();  // Set-CsPinSendCAWelcomeMail, welcome
Command deliver_command();  // deliver
Command cancel_command();   // cancel

// PINs
Command pin_set_command();     // Set-CsClientPin, pin set
Command pin_show_command();    // Get-CsClientPinInfo, pin show
Command pin_check_command();   // Test-CsClientPin, pin check
Command pin_lock_command();    // Lock-CsClientPin, pin lock
Command pin_unlock_command();  // Unlock-CsClientPin, pin unlock

// People
Command people_add_command();
Command people_import_command();
Command people_list_command();
Command people_show_command();
Command people_disable_command();
Command people_enable_command();
Command people_remove_command();

// Mail
Command template_check_command();
Command template_preview_command();
Command template_tags_command();
Command template_export_command();
Command number_import_command();
Command catch_mail_command();

// The system
Command status_command();
Command serve_command();
Command key_export_command();
Command key_import_command();

}  // namespace dialin

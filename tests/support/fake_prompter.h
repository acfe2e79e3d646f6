// SPDX-License-Identifier: Apache-2.0
// A Prompter with prepared answers, which keeps the questions.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/error.h"
#include "shell/prompter.h"

namespace dialin {

class FakePrompter final : public Prompter {
 public:
  bool terminal = true;
  std::deque<bool> yes_no;          // answers, first to last; none left: no
  std::deque<std::string> texts;    // none left: Error(InvalidInput), as at the end of input
  std::deque<std::string> secrets;  // none left: Error(Configuration), as without a terminal
  std::vector<std::string> questions;

  bool can_ask() const override { return terminal; }
  bool ask_yes_no(const std::string& question) override {
    require_terminal(question);
    if (yes_no.empty()) return false;
    const bool answer = yes_no.front();
    yes_no.pop_front();
    return answer;
  }
  std::string ask_text(const std::string& question) override {
    require_terminal(question);
    if (texts.empty()) throw Error(ErrorCode::InvalidInput, "No answer to: " + question);
    std::string answer = texts.front();
    texts.pop_front();
    return answer;
  }
  Secret ask_secret(const std::string& question, const std::string& how_else) override {
    questions.push_back(question);
    if (secrets.empty())
      throw Error(ErrorCode::Configuration, "No terminal to ask on: " + question, how_else);
    Secret answer(secrets.front());
    secrets.pop_front();
    return answer;
  }

 private:
  void require_terminal(const std::string& question) {
    questions.push_back(question);
    if (!terminal) throw Error(ErrorCode::InvalidInput, "Nobody can be asked: " + question);
  }
};

}  // namespace dialin

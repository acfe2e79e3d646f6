// SPDX-License-Identifier: Apache-2.0
#include "shell/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace dialin {
namespace {

using namespace std::chrono_literals;

constexpr auto TerminalPause = 100ms;
constexpr auto LogPause = 5s;
constexpr std::size_t WidestBar = 40;
constexpr std::size_t NarrowestBar = 10;
constexpr const char* Gap = "  ";
constexpr const char* EraseLine = "\r\x1b[K";

// The share that is done, never 100 % while something is left.
int percent(const ProgressState& state) {
  if (state.all <= 0) return 0;
  if (state.done >= state.all) return 100;
  return static_cast<int>(
      std::min(99.0, 100.0 * static_cast<double>(state.done) / static_cast<double>(state.all)));
}

std::string bar(const ProgressState& state, std::size_t cells) {
  const std::size_t full = cells * static_cast<std::size_t>(percent(state)) / 100;
  return fmt::format("[{}{}]", std::string(full, '#'), std::string(cells - full, '-'));
}

// As many columns of `text` as fit, with "..." where something was cut.
std::string cut(const std::string& text, std::size_t columns) {
  if (display_width(text) <= columns) return text;
  if (columns < 4) return {};
  std::string kept;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
    std::string longer = kept + text.substr(i, end - i);
    if (display_width(longer) + 3 > columns) break;
    kept = std::move(longer);
    i = end;
  }
  return kept + "...";
}

std::string counts(const ProgressState& state) {
  return fmt::format("sent {}{}skipped {}{}failed {}", with_separators(state.sent), Gap,
                     with_separators(state.skipped), Gap, with_separators(state.failed));
}

}  // namespace

std::string with_separators(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits;
}

std::string describe_duration(std::chrono::seconds duration) {
  const std::int64_t seconds = std::max<std::int64_t>(duration.count(), 0);
  if (seconds < 60) return fmt::format("{} s", seconds);
  const std::int64_t minutes = (seconds + 30) / 60;
  if (minutes < 60) return fmt::format("{} min", minutes);
  const std::int64_t hours = minutes / 60;
  if (hours < 48) {
    return minutes % 60 == 0 ? fmt::format("{} h", hours) : fmt::format("{} h {} min", hours, minutes % 60);
  }
  return hours % 24 == 0 ? fmt::format("{} days", hours / 24)
                         : fmt::format("{} days {} h", hours / 24, hours % 24);
}

std::string describe_rate(double messages_a_second) {
  if (messages_a_second >= 10) return fmt::format("{}/s", with_separators(std::llround(messages_a_second)));
  if (messages_a_second * 60 >= 1) return fmt::format("{}/min", std::llround(messages_a_second * 60));
  if (messages_a_second * 3600 >= 1) return fmt::format("{}/h", std::llround(messages_a_second * 3600));
  return {};
}

std::string progress_bar_line(const ProgressState& state, std::size_t width) {
  const std::string share = fmt::format("{:>3}%", percent(state));
  std::string rate = describe_rate(state.rate);
  std::string left = state.left ? describe_duration(*state.left) + " left" : std::string();
  const std::string words = counts(state);
  const auto columns = [&](const std::string& part) {
    return part.empty() ? 0 : display_width(part) + std::string_view(Gap).size();
  };
  const std::size_t needed = share.size() + columns(words);
  if (needed + columns(rate) + columns(left) > width) left.clear();
  if (needed + columns(rate) > width) rate.clear();

  std::string line = share;
  for (const std::string& part : {rate, left, words}) {
    if (!part.empty()) line += Gap + part;
  }
  std::size_t used = display_width(line);
  if (used > width) return cut(line, width);
  // A notice says why it is slow: it is worth more than the bar.
  if (!state.notice.empty() && used + 2 < width) {
    line += cut(Gap + state.notice, width - used);
    used = display_width(line);
  }
  const std::size_t frame = 4;  // brackets and gap
  if (used + frame + NarrowestBar <= width)
    line = bar(state, std::min(WidestBar, width - used - frame)) + Gap + line;
  return line;
}

std::string progress_plain_line(const ProgressState& state) {
  std::string line =
      fmt::format("{} of {} ({}%)", with_separators(state.done), with_separators(state.all), percent(state));
  if (const std::string rate = describe_rate(state.rate); !rate.empty()) line += ", " + rate;
  if (state.left) line += fmt::format(", {} left", describe_duration(*state.left));
  line += fmt::format(": {} sent, {} skipped, {} failed", with_separators(state.sent),
                      with_separators(state.skipped), with_separators(state.failed));
  if (!state.notice.empty()) line += "; " + state.notice;
  return line;
}

Progress::Progress(Streams& streams, const Clock& clock)
    : streams_(streams),
      clock_(clock),
      in_place_(streams.is_terminal(Streams::Stream::Error) && streams.environment_value("TERM") != "dumb") {}

Progress::~Progress() {
  erase();
}

bool Progress::is_time() {
  const SteadyTime now = clock_.steady_now();
  const SteadyTime::duration pause = in_place_ ? SteadyTime::duration(TerminalPause) : LogPause;
  if (last_ && now - *last_ < pause) return false;
  // A log begins with the first pause's end: what takes a second needs no line.
  const bool show = last_ || in_place_;
  last_ = now;
  return show;
}

void Progress::show(const ProgressState& state) {
  if (!in_place_) pending_ = progress_plain_line(state);
  if (!is_time()) return;
  // One column stays free: a terminal that is full to the last one goes to the next line by itself.
  draw(in_place_ ? progress_bar_line(state, std::max<std::size_t>(streams_.width(), 2) - 1) : pending_);
}

void Progress::show_count(const std::string& what, std::int64_t count, const std::string& of_what) {
  if (!is_time()) return;
  draw(cut(fmt::format("{} {} {}", what, with_separators(count), of_what),
           in_place_ ? std::max<std::size_t>(streams_.width(), 2) - 1 : 200));
}

void Progress::draw(const std::string& line) {
  if (in_place_) {
    streams_.write_error(EraseLine + line);
    drawn_ = true;
  } else {
    streams_.write_error(line + "\n");
    pending_.clear();
  }
}

void Progress::erase() {
  if (!drawn_) return;
  streams_.write_error(EraseLine);
  drawn_ = false;
}

void Progress::say(const std::string& sentence) {
  erase();
  streams_.write_error(sentence + "\n");
}

void Progress::finish() {
  erase();
  if (!pending_.empty()) streams_.write_error(pending_ + "\n");
  pending_.clear();
}

}  // namespace dialin

// SPDX-License-Identifier: Apache-2.0
// From values to the octets of a message, with the shipped templates and everything set.
#include <benchmark/benchmark.h>

#include "base/process_hardening.h"
#include "mail/message.h"
#include "unit/mail/contoso.h"

namespace dialin {
namespace {

const TemplateSource& source(const char* language) {
  return test::shipped().choose({language});
}

MessageHeaders headers(const char* language) {
  MessageHeaders headers{.from = *Mailbox::parse("Marco Tanara <marco@contoso.com>"),
                         .to = *Mailbox::parse("Élodie Lefèvre <elodie.lefevre@contoso.com>")};
  headers.message_id = "0123456789abcdef0123456789abcdef@contoso.com";
  headers.date = from_microseconds(1772355600000000);
  headers.language = language;
  return headers;
}

void parse_template(benchmark::State& state, const char* language) {
  harden_process();
  for (auto _ : state) benchmark::DoNotOptimize(WelcomeTemplate::parse(source(language)));
}

void render(benchmark::State& state, const char* language) {
  harden_process();
  const WelcomeTemplate welcome = WelcomeTemplate::parse(source(language));
  const WelcomeValues values = test::contoso_values();
  const auto pin = Pin::parse(test::ContosoPin);
  for (auto _ : state) benchmark::DoNotOptimize(welcome.render(values, &*pin));
}

void compose(benchmark::State& state, const char* language) {
  harden_process();
  const WelcomeTemplate welcome = WelcomeTemplate::parse(source(language));
  const auto pin = Pin::parse(test::ContosoPin);
  const RenderedWelcome body = welcome.render(test::contoso_values(), &*pin);
  MessageHeaders head = headers(language);
  head.subject = body.subject;
  std::size_t octets = 0;
  for (auto _ : state) octets = compose_message(head, body, BodyForm::HtmlAndText).size();
  state.counters["octets"] = static_cast<double>(octets);
}

void render_and_compose(benchmark::State& state, const char* language) {
  harden_process();
  const WelcomeTemplate welcome = WelcomeTemplate::parse(source(language));
  const WelcomeValues values = test::contoso_values();
  const auto pin = Pin::parse(test::ContosoPin);
  MessageHeaders head = headers(language);
  for (auto _ : state) {
    const RenderedWelcome body = welcome.render(values, &*pin);
    head.subject = body.subject;
    benchmark::DoNotOptimize(compose_message(head, body, BodyForm::HtmlAndText));
  }
}

BENCHMARK_CAPTURE(parse_template, en, "en")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(render, en, "en")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(compose, en, "en")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(render_and_compose, en, "en")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(render_and_compose, fr, "fr")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace dialin

BENCHMARK_MAIN();

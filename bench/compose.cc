// SPDX-License-Identifier: Apache-2.0
// From values to the octets of a message, with the shipped templates and everything set.
#include <benchmark/benchmark.h>

#include "base/process_hardening.h"
#include "mail/message_mould.h"
#include "unit/mail/contoso.h"

namespace dialin {
namespace {

const TemplateSource& source(const char* language) {
  return test::shipped().choose({language});
}

SharedHeaders shared(const char* language) {
  return {*Mailbox::parse("Marco Tanara <marco@contoso.com>"), {}, std::nullopt, language};
}

OwnHeaders own(const RenderedWelcome& body) {
  return {*Mailbox::parse("Élodie Lefèvre <elodie.lefevre@contoso.com>"), body.subject,
          "0123456789abcdef0123456789abcdef@contoso.com", from_microseconds(1772355600000000)};
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

void fill(benchmark::State& state, const char* language) {
  harden_process();
  const WelcomeTemplate welcome = WelcomeTemplate::parse(source(language));
  const auto pin = Pin::parse(test::ContosoPin);
  const RenderedWelcome body = welcome.render(test::contoso_values(), &*pin);
  const MessageMould mould(shared(language), BodyForm::HtmlAndText);
  const OwnHeaders head = own(body);
  std::size_t octets = 0;
  for (auto _ : state) octets = mould.fill(head, body).size();
  state.counters["octets"] = static_cast<double>(octets);
}

void mould_and_fill(benchmark::State& state, const char* language) {
  harden_process();
  const WelcomeTemplate welcome = WelcomeTemplate::parse(source(language));
  const auto pin = Pin::parse(test::ContosoPin);
  const RenderedWelcome body = welcome.render(test::contoso_values(), &*pin);
  const SharedHeaders head = shared(language);
  const OwnHeaders own_head = own(body);
  for (auto _ : state) {
    benchmark::DoNotOptimize(MessageMould(head, BodyForm::HtmlAndText).fill(own_head, body));
  }
}

void render_and_fill(benchmark::State& state, const char* language) {
  harden_process();
  const WelcomeTemplate welcome = WelcomeTemplate::parse(source(language));
  const WelcomeValues values = test::contoso_values();
  const auto pin = Pin::parse(test::ContosoPin);
  const MessageMould mould(shared(language), BodyForm::HtmlAndText);
  OwnHeaders head = own(welcome.render(values, &*pin));
  for (auto _ : state) {
    const RenderedWelcome body = welcome.render(values, &*pin);
    head.subject = body.subject;
    benchmark::DoNotOptimize(mould.fill(head, body));
  }
}

void secret(benchmark::State& state) {
  harden_process();
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(Secret(text));
}

BENCHMARK_CAPTURE(parse_template, en, "en")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(render, en, "en")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(fill, en, "en")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(mould_and_fill, en, "en")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(render_and_fill, en, "en")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(render_and_fill, fr, "fr")->Unit(benchmark::kMicrosecond);
BENCHMARK(secret)->Arg(24)->Arg(15000)->Arg(70000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace dialin

BENCHMARK_MAIN();

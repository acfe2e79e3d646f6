// SPDX-License-Identifier: Apache-2.0
// Lines of the audit trail as commands show them: with names for the ids, as far as they are known.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "command/command_context.h"
#include "shell/output.h"

namespace dialin {

// Resolves ids, a page of lines at a time.
class AuditWords {
 public:
  explicit AuditWords(Store& store) : store_(store) {}

  // Before lines of the page are shown.
  void look_up(const std::vector<AuditLine>& lines);

  // {"chain":...,"number":...,"at":...,"operator":...,"origin":...,"event":...,"person":...,"identity":...,
  // "detail":{...}}, without a line end. `identity` is missing where the person is gone.
  std::string json(const AuditLine& line) const;
  // At, Operator, Event, Identity, Detail, Chain, Number, Origin.
  OutputObject object(const AuditLine& line) const;
  static std::vector<std::string> columns(OutputFormat format);

 private:
  std::string identity(const AuditLine& line) const;
  std::string named(const std::string& value) const;

  Store& store_;
  std::map<std::string, std::string> people_;
  std::map<std::string, std::string> names_;
};

// Gives the text of a file line by line, without line ends (LF or CR LF). Error(InvalidInput) for a line of
// over 1 MB.
class FileLines {
 public:
  explicit FileLines(CsvReader::Read read) : read_(std::move(read)) {}
  std::optional<std::string> next();

 private:
  CsvReader::Read read_;
  std::string buffer_;
  bool ended_ = false;
};

// The store's key that signs here, and those that -PublicKey names.
ParameterSpec public_key_parameter_spec();
std::vector<std::string> trusted_keys(Store& store, const BoundParameters& bound);

}  // namespace dialin

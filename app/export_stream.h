// Where an export goes: standard output, or a new file that its maker alone can read (0600), with the digest of what
// was written. Nothing is written to a temporary file; what failed half-way is removed.
#pragma once

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>

#include "common/error.h"

namespace hw::app {

class ExportStream {
 public:
  // "-" is `standard_output`. An existing file is never overwritten.
  static Result<ExportStream> open(const std::string& output, std::ostream& standard_output);
  ExportStream(ExportStream&&) noexcept;
  ExportStream& operator=(ExportStream&&) noexcept;
  ~ExportStream();  // removes the file unless finish() succeeded

  std::ostream& stream();
  // Flushes; gives the SHA-256 in hex. Fails where a byte did not arrive.
  Result<std::string> finish();

 private:
  struct Impl;
  explicit ExportStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hw::app

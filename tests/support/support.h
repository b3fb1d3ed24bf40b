// What every test needs: a clock that can be moved, a folder that goes away, and the recorded fixtures where they
// exist.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/error.h"
#include "common/time.h"

namespace hw::test {

class FakeClock final : public Clock {
 public:
  explicit FakeClock(Time start = *parse_rfc3339("2026-11-22T10:00:00Z")) : now_(start) {}
  Time now() const override { return now_; }
  void advance(Duration by) { now_ += by; }
  void set(Time time) { now_ = time; }

 private:
  Time now_;
};

// A fresh folder (0700) under the system's temporary one, removed with all in it at the end of the scope.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, std::string_view content);

// The root of the checkout that the tests were built from.
std::filesystem::path source_folder();
// The project's own fixtures: tests/fixtures/….
std::filesystem::path fixture(std::string_view relative);
// Recorded third-party material lies beside the checkout and is never committed. Prints why the test is skipped where
// it is absent; the caller then returns.
std::optional<std::filesystem::path> recorded(std::string_view relative);

}  // namespace hw::test

// Unwraps a Result in a test, or fails it with the error's message.
#define REQUIRE_OK(result)              \
  REQUIRE_MESSAGE((result).has_value(), \
                  [&] { return (result).has_value() ? std::string() : (result).error().message; }())

#include "app/checkpoints.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/checkpoint.h"

namespace hw::app {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> system_error(const fs::path& file) {
  return fail(ErrorCode::io, fmt::format("cannot write {}: {}", file.string(), std::strerror(errno)));
}

Status write_note(const fs::path& file, const std::string& text) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return system_error(file);
  const bool whole = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (::close(descriptor) == 0 && whole) return {};
  return system_error(file);
}

// The child's own words go to standard error; its output would mix with ours.
Status run_command(const std::string& command, const fs::path& file) {
  const pid_t child = ::fork();
  if (child < 0) return fail(ErrorCode::io, "cannot start the stamping command");
  if (child == 0) {
    ::setenv("HANDLEWATCH_CHECKPOINT", file.c_str(), 1);
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(ErrorCode::io,
              fmt::format("the stamping command failed on {}; run it by hand, the checkpoint is kept", file.string()));
}

}  // namespace

Result<fs::path> keep_checkpoint(db::Store& store, const std::string& command) {
  const auto note = db::checkpoint_note(store);
  if (!note) return tl::unexpected(note.error());
  const fs::path folder = store.folder() / "checkpoints";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return system_error(folder);
  const fs::path file = folder / fmt::format("{:012}.note", note->checkpoint.size);
  std::error_code ignored;
  if (fs::exists(file, ignored)) return file;
  if (auto written = write_note(file, note->text); !written) return tl::unexpected(written.error());
  if (command.empty()) return file;
  if (auto done = run_command(command, file); !done) return tl::unexpected(done.error());
  return file;
}

}  // namespace hw::app

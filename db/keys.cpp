#include "db/keys.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/key_file.h"

namespace hw::db {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestKeyFile = 1U << 20U;
constexpr std::size_t kTokenKeySize = 32;

fs::path keys_of(const fs::path& folder) { return folder / "keys"; }

fs::path file_of(const fs::path& keys, KeyClass key_class, std::string_view suffix) {
  return keys / (std::string(to_string(key_class)) + std::string(suffix));
}

tl::unexpected<Error> system_error(std::string_view doing, const fs::path& file) {
  const int error = errno;
  const ErrorCode code = error == ENOENT                                       ? ErrorCode::not_found
                         : error == EACCES || error == EPERM || error == EROFS ? ErrorCode::denied
                         : error == ENOSPC                                     ? ErrorCode::disk_full
                                                                               : ErrorCode::io;
  return fail(code, fmt::format("cannot {} {}: {}", doing, file.string(), std::strerror(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

// Lost keys cannot be made again, so they are on the disk before anything is sealed to them.
Status write_file(const fs::path& file, std::string_view content) {
  const Descriptor descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (descriptor.number() < 0) return system_error("create", file);
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor.number(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write", file);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(descriptor.number()) != 0) return system_error("write", file);
  return {};
}

Status sync_folder(const fs::path& folder) {
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.number() < 0 || ::fsync(descriptor.number()) != 0) return system_error("write", folder);
  return {};
}

enum class Secrecy { open, secret };

Result<std::string> read_file(const fs::path& file, Secrecy secrecy) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.number() < 0) return system_error("open", file);
  struct stat status{};
  if (::fstat(descriptor.number(), &status) != 0) return system_error("read", file);
  if (secrecy == Secrecy::secret && (status.st_mode & 077U) != 0)
    return fail(ErrorCode::denied,
                fmt::format("{} can be read by others; chmod 600 it, and think of who may have", file.string()));
  std::string content;
  char buffer[4096];
  while (content.size() <= kLargestKeyFile) {
    const ssize_t got = ::read(descriptor.number(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", file);
    if (got == 0) break;
    content.append(buffer, static_cast<std::size_t>(got));
  }
  sodium_memzero(buffer, sizeof buffer);
  return content;
}

// A missing key is not a missing file to whoever asked for it.
tl::unexpected<Error> key_error(const fs::path& file, const Error& error) {
  if (error.code == ErrorCode::not_found)
    return fail(ErrorCode::no_key,
                fmt::format("{} is not here; bring the key, or run handlewatch init for a new store", file.string()));
  return tl::unexpected(error);
}

Status write_pair(const fs::path& keys, KeyClass key_class, const KeyProtection& protection) {
  std::string secret = random_secret();
  const auto opener = Opener::create(key_class, secret);
  if (!opener) return tl::unexpected(opener.error());
  Result<std::string> text = write_open_key(key_class, secret);
  if (protection.passphrase) {
    auto passphrase = protection.passphrase(key_class);
    if (!passphrase) return tl::unexpected(passphrase.error());
    if (passphrase->empty())
      return fail(ErrorCode::usage, "a passphrase must not be empty; --no-passphrase leaves the keys open");
    wipe(*text);
    text = write_protected_key(key_class, secret, *passphrase, protection.hardness);
    wipe(*passphrase);
  }
  wipe(secret);
  if (!text) return tl::unexpected(text.error());
  const Status written = write_file(file_of(keys, key_class, ".key"), *text);
  wipe(*text);
  if (!written) return written;
  return write_file(file_of(keys, key_class, ".pub"), write_public_keys(key_class, {opener->public_key()}));
}

Status write_all(const fs::path& keys, const KeyProtection& protection) {
  std::string token_key(kTokenKeySize, '\0');
  randombytes_buf(token_key.data(), token_key.size());
  Status done = write_file(keys / "token.key", token_key);
  wipe(token_key);
  if (done) done = write_pair(keys, KeyClass::review, protection);
  if (done) done = write_pair(keys, KeyClass::safeguarding, protection);
  if (done) done = sync_folder(keys);
  return done;
}

// systemd hands the token key over in a folder that the service alone can look into (LoadCredential=token.key:FILE);
// the mode of such a file shows how the service is let in, not who else is.
std::optional<fs::path> token_credential() {
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (credentials == nullptr) return std::nullopt;
  fs::path file = fs::path(credentials) / "token.key";
  std::error_code ignored;
  return fs::exists(file, ignored) ? std::optional(std::move(file)) : std::nullopt;
}

}  // namespace

Status create_keys(const fs::path& folder, const KeyProtection& protection) {
  if (sodium_init() < 0) return fail(ErrorCode::io, "libsodium finds no source of randomness on this machine");
  std::error_code error;
  if (fs::exists(keys_of(folder), error)) return {};
  const fs::path unfinished = folder / "keys.new";
  fs::remove_all(unfinished, error);
  if (::mkdir(unfinished.c_str(), 0700) != 0) return system_error("create", unfinished);
  Status done = write_all(unfinished, protection);
  if (done && ::rename(unfinished.c_str(), keys_of(folder).c_str()) != 0)
    done = system_error("create", keys_of(folder));
  if (done) return sync_folder(folder);
  fs::remove_all(unfinished, error);
  return done;
}

Result<std::vector<PublicKey>> load_public_keys(const fs::path& folder) {
  std::vector<PublicKey> all;
  for (const KeyClass key_class : {KeyClass::review, KeyClass::safeguarding}) {
    const fs::path file = file_of(keys_of(folder), key_class, ".pub");
    const auto text = read_file(file, Secrecy::open);
    if (!text) return key_error(file, text.error());
    const auto keys = read_public_keys(key_class, *text);
    if (!keys) return within("reading " + file.string(), keys.error());
    all.insert(all.end(), keys->begin(), keys->end());
  }
  return all;
}

Result<TokenKey> load_token_key(const fs::path& folder) {
  const auto credential = token_credential();
  const fs::path file = credential.value_or(keys_of(folder) / "token.key");
  auto bytes = read_file(file, credential ? Secrecy::open : Secrecy::secret);
  if (!bytes) return key_error(file, bytes.error());
  auto key = TokenKey::create(*bytes);
  wipe(*bytes);
  if (!key) return within("reading " + file.string(), key.error());
  return key;
}

Result<Opener> load_private_key(const fs::path& folder, KeyClass key_class, const AskPassphrase& ask) {
  const fs::path file = file_of(keys_of(folder), key_class, ".key");
  auto text = read_file(file, Secrecy::secret);
  if (!text) return key_error(file, text.error());
  std::string passphrase;
  if (is_protected(*text)) {
    if (!ask)
      return fail(ErrorCode::no_key, fmt::format("{} needs its passphrase and nobody can be asked", file.string()));
    auto answer = ask(key_class);
    if (!answer) return tl::unexpected(answer.error());
    passphrase = std::move(*answer);
  }
  auto opener = read_private_key(key_class, *text, passphrase);
  wipe(passphrase);
  wipe(*text);
  if (!opener) return within("opening " + file.string(), opener.error());
  return opener;
}

bool unprotected(const fs::path& folder, KeyClass key_class) {
  auto text = read_file(file_of(keys_of(folder), key_class, ".key"), Secrecy::secret);
  if (!text) return false;
  const bool open = !is_protected(*text);
  wipe(*text);
  return open;
}

}  // namespace hw::db

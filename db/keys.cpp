#include "db/keys.h"

#include <algorithm>
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

// The new file is whole on the disk before it takes the place of the old one.
Status replace_file(const fs::path& file, std::string_view content) {
  const fs::path unfinished = file.string() + ".new";
  std::error_code ignored;
  fs::remove(unfinished, ignored);
  if (auto written = write_file(unfinished, content); !written) return written;
  if (::rename(unfinished.c_str(), file.c_str()) != 0) return system_error("create", file);
  return sync_folder(file.parent_path());
}

Status make_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return system_error("create", folder);
}

std::string whose(const Person& person) { return "person " + person.name(); }
fs::path person_file(const fs::path& folder, std::string_view name) {
  return keys_of(folder) / "people" / (std::string(name) + ".key");
}

Result<std::string> key_text(const Person& person, const KeyProtection& protection) {
  std::string secret = person.secret();
  Result<std::string> text = write_open_key(whose(person), secret);
  if (protection.passphrase) {
    wipe(*text);
    auto passphrase = protection.passphrase(person.name());
    if (!passphrase)
      text = tl::unexpected(passphrase.error());
    else if (passphrase->empty())
      text = fail(ErrorCode::usage, "a passphrase must not be empty; --no-passphrase leaves the keys open");
    else
      text = write_protected_key(whose(person), secret, *passphrase, protection.hardness);
    if (passphrase) wipe(*passphrase);
  }
  wipe(secret);
  return text;
}

fs::path next_file(const fs::path& folder, std::string_view name) {
  return person_file(folder, name).string() + ".next";
}

Status save_to(const fs::path& file, const Person& person, const KeyProtection& protection) {
  auto text = key_text(person, protection);
  if (!text) return tl::unexpected(text.error());
  Status done = make_folder(file.parent_path());
  if (done) done = replace_file(file, *text);
  wipe(*text);
  return done;
}

Status write_host(const fs::path& keys) {
  const auto host = Person::make("host", {Role::collector});
  if (!host) return tl::unexpected(host.error());
  std::string secret = host->secret();
  std::string text = write_open_key("host", secret);
  wipe(secret);
  const Status written = write_file(keys / "host.key", text);
  wipe(text);
  return written;
}

Status write_all(const fs::path& keys, std::string_view given) {
  std::string token_key(given);
  if (token_key.empty()) {
    token_key.resize(kTokenKeySize);
    randombytes_buf(token_key.data(), token_key.size());
  }
  Status done = write_file(keys / "token.key", token_key);
  wipe(token_key);
  if (done) done = write_host(keys);
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

// The secret of a key file, after its passphrase where it has one.
Result<std::string> secret_of(const fs::path& file, std::string_view head, std::string_view asked,
                              const AskPassphrase& ask) {
  auto text = read_file(file, Secrecy::secret);
  if (!text) return key_error(file, text.error());
  std::string passphrase;
  if (is_protected(*text)) {
    if (!ask)
      return fail(ErrorCode::no_key, fmt::format("{} needs its passphrase and nobody can be asked", file.string()));
    auto answer = ask(asked);
    if (!answer) return tl::unexpected(answer.error());
    passphrase = std::move(*answer);
  }
  auto secret = read_secret(head, *text, passphrase);
  wipe(passphrase);
  wipe(*text);
  if (!secret) return within("opening " + file.string(), secret.error());
  return secret;
}

}  // namespace

Status create_keys(const fs::path& folder, std::string_view token_key) {
  if (sodium_init() < 0) return fail(ErrorCode::io, "libsodium finds no source of randomness on this machine");
  std::error_code error;
  if (fs::exists(keys_of(folder), error)) return {};
  const fs::path unfinished = folder / "keys.new";
  fs::remove_all(unfinished, error);
  if (::mkdir(unfinished.c_str(), 0700) != 0) return system_error("create", unfinished);
  Status done = write_all(unfinished, token_key);
  if (done && ::rename(unfinished.c_str(), keys_of(folder).c_str()) != 0)
    done = system_error("create", keys_of(folder));
  if (done) return sync_folder(folder);
  fs::remove_all(unfinished, error);
  return done;
}

Result<std::string> token_key_bytes(const fs::path& folder) {
  const auto credential = token_credential();
  const fs::path file = credential.value_or(keys_of(folder) / "token.key");
  auto bytes = read_file(file, credential ? Secrecy::open : Secrecy::secret);
  if (!bytes) return key_error(file, bytes.error());
  return bytes;
}

Result<TokenKey> load_token_key(const fs::path& folder) {
  auto bytes = token_key_bytes(folder);
  if (!bytes) return tl::unexpected(bytes.error());
  auto key = TokenKey::create(*bytes);
  wipe(*bytes);
  if (!key) return within("reading " + (keys_of(folder) / "token.key").string(), key.error());
  return key;
}

Result<Person> load_host(const fs::path& folder) {
  const fs::path file = keys_of(folder) / "host.key";
  std::error_code error;
  if (!fs::exists(file, error) && fs::exists(keys_of(folder), error))
    if (auto made = write_host(keys_of(folder)); !made) return tl::unexpected(made.error());
  auto secret = secret_of(file, "host", "the host", {});
  if (!secret) return tl::unexpected(secret.error());
  auto host = Person::restore("host", {Role::collector}, *secret);
  wipe(*secret);
  if (!host) return within("reading " + file.string(), host.error());
  return host;
}

Status make_keys_folder(const fs::path& folder) {
  std::error_code ignored;
  if (!folder.parent_path().empty()) fs::create_directories(folder.parent_path(), ignored);
  if (auto made = make_folder(folder); !made) return made;
  return make_folder(keys_of(folder));
}

Status save_person(const fs::path& folder, const Person& person, const KeyProtection& protection) {
  return save_to(person_file(folder, person.name()), person, protection);
}

Status save_next(const fs::path& folder, const Person& person, const KeyProtection& protection) {
  return save_to(next_file(folder, person.name()), person, protection);
}

Status adopt_next(const fs::path& folder, std::string_view name) {
  if (auto gone = forget_person(folder, name); !gone) return gone;
  const fs::path file = person_file(folder, name);
  if (::rename(next_file(folder, name).c_str(), file.c_str()) != 0) return system_error("create", file);
  return sync_folder(file.parent_path());
}

Result<Person> load_person(const fs::path& folder, std::string_view name, const AskPassphrase& ask) {
  const auto checked = person_name(name);
  if (!checked) return tl::unexpected(checked.error());
  const fs::path file = person_file(folder, *checked);
  std::error_code error;
  if (!fs::exists(file, error))
    return fail(ErrorCode::no_key,
                fmt::format("{} is not here; --as names a person whose key is, handlewatch keys list shows them",
                            file.string()));
  auto person = load_person_file(file, ask);
  if (person && person->name() != *checked)
    return fail(ErrorCode::malformed,
                fmt::format("{} holds somebody else's key; put back the file that was made", file.string()));
  return person;
}

Result<Person> load_person_file(const fs::path& file, const AskPassphrase& ask) {
  auto text = read_file(file, Secrecy::secret);
  if (!text) return key_error(file, text.error());
  const std::string head = owner_of(*text);
  wipe(*text);
  const auto name = head.starts_with("person ") ? person_name(head.substr(7)) : Result<std::string>(std::string());
  if (!name || name->empty())
    return fail(ErrorCode::malformed, fmt::format("{} is not a person's private key", file.string()));
  auto secret = secret_of(file, head, *name, ask);
  if (!secret) return tl::unexpected(secret.error());
  auto person = Person::restore(*name, {}, *secret);
  wipe(*secret);
  if (!person) return within("reading " + file.string(), person.error());
  return person;
}

std::vector<std::string> people_here(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(keys_of(folder) / "people", error))
    if (entry.path().extension() == ".key") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

bool unprotected(const fs::path& folder, std::string_view name) {
  auto text = read_file(person_file(folder, name), Secrecy::secret);
  if (!text) return false;
  const bool open = !is_protected(*text);
  wipe(*text);
  return open;
}

Status forget_person(const fs::path& folder, std::string_view name) {
  const fs::path file = person_file(folder, name);
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) return {};
  const Descriptor descriptor(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  const std::string nothing(size, '\0');
  if (descriptor.number() < 0 || ::write(descriptor.number(), nothing.data(), nothing.size()) < 0 ||
      ::fsync(descriptor.number()) != 0 || ::unlink(file.c_str()) != 0)
    return system_error("erase", file);
  return sync_folder(file.parent_path());
}

Result<std::vector<PublicKey>> load_class_keys(const fs::path& folder) {
  std::vector<PublicKey> all;
  for (const KeyClass key_class : {KeyClass::review, KeyClass::safeguarding}) {
    const fs::path file = file_of(keys_of(folder), key_class, ".pub");
    const auto text = read_file(file, Secrecy::open);
    if (!text && text.error().code == ErrorCode::not_found) continue;
    if (!text) return tl::unexpected(text.error());
    const auto keys = read_public_keys(key_class, *text);
    if (!keys) return within("reading " + file.string(), keys.error());
    all.insert(all.end(), keys->begin(), keys->end());
  }
  return all;
}

Result<Opener> load_class_opener(const fs::path& folder, KeyClass key_class, const AskPassphrase& ask) {
  const std::string name(to_string(key_class));
  const fs::path file = file_of(keys_of(folder), key_class, ".key");
  auto secret = secret_of(file, "class " + name, "the " + name + " key", ask);
  if (!secret) return tl::unexpected(secret.error());
  auto opener = Opener::create(key_class, *secret);
  wipe(*secret);
  if (!opener) return within("opening " + file.string(), opener.error());
  return opener;
}

}  // namespace hw::db

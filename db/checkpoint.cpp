#include "db/checkpoint.h"

#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <sodium.h>

#include "common/text.h"
#include "db/hex.h"
#include "db/merkle.h"
#include "db/people.h"
#include "db/work.h"

namespace hw::db {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";
constexpr std::size_t kHashSize = 4;
constexpr char kEd25519 = 1;

std::string to_base64(std::string_view bytes) {
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // the terminating NUL
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size(), '\0');
  std::size_t length = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(), nullptr,
                        &length, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
    return std::nullopt;
  bytes.resize(length);
  return bytes;
}

std::string origin_of(const Core& core) { return "handlewatch/" + to_hex(core.store_id); }

// The signed part ends with the newline before the empty line.
struct Note {
  std::string signed_text;
  std::vector<std::string_view> lines;       // of it
  std::vector<std::string_view> signatures;  // lines
};

std::optional<Note> parse_note(std::string_view text) {
  const auto gap = text.find("\n\n");
  if (gap == std::string_view::npos) return std::nullopt;
  Note note;
  note.signed_text = text.substr(0, gap + 1);
  note.lines = split(text.substr(0, gap), '\n');
  for (const std::string_view line : split(text.substr(gap + 2), '\n'))
    if (line.starts_with(kDash)) note.signatures.push_back(line.substr(kDash.size()));
  if (note.lines.size() < 3 || note.signatures.empty()) return std::nullopt;
  return note;
}

// A signature line is "name base64(hash ‖ signature)"; lines of others, such as witnesses, are passed over.
bool signature_holds(const Note& note, std::string_view line, std::string_view name, std::string_view sign_key) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos || line.substr(0, space) != name) return false;
  const auto bytes = from_base64(trim(line.substr(space + 1)));
  return bytes && bytes->size() > kHashSize && bytes->substr(0, kHashSize) == note_key_hash(name, sign_key) &&
         signed_by(sign_key, note.signed_text, bytes->substr(kHashSize));
}

bool signed_by_host(const Note& note, std::string_view name, const std::vector<EnrolledPerson>& people) {
  for (const std::string_view line : note.signatures)
    for (const EnrolledPerson& enrolled : people)
      if (enrolled.person.name == kHostName && signature_holds(note, line, name, enrolled.person.sign_key)) return true;
  return false;
}

}  // namespace

std::string note_text(std::string_view origin, std::uint64_t size, std::string_view root) {
  return fmt::format("{}\n{}\n{}\n", origin, size, to_base64(root));
}

std::string note_key_hash(std::string_view name, std::string_view sign_key) {
  return sha256(std::string(name) + "\n" + kEd25519 + std::string(sign_key)).substr(0, kHashSize);
}

Result<CheckpointNote> checkpoint_note(Store& store) {
  const auto checkpoint = audit_checkpoint(store);
  if (!checkpoint) return tl::unexpected(checkpoint.error());
  const std::string origin = origin_of(store.core());
  const std::string key = store.host().face().sign_key;
  const std::string hash = note_key_hash(origin, key);
  CheckpointNote note;
  note.checkpoint = *checkpoint;
  note.text = note_text(origin, checkpoint->size, from_hex(checkpoint->root).value_or(""));
  const std::string signature = hash + store.host().sign(note.text);
  note.text += fmt::format("\n{}{} {}\n", kDash, origin, to_base64(signature));
  note.verifier_key = fmt::format("{}+{}+{}", origin, to_hex(hash), to_base64(std::string(1, kEd25519) + key));
  return note;
}

Result<Checkpoint> read_checkpoint(Store& store, std::string_view text) {
  if (const auto plain = parse_checkpoint(trim(text))) return *plain;
  const auto note = parse_note(text);
  const auto root = note ? from_base64(note->lines[2]) : std::nullopt;
  Checkpoint checkpoint;
  if (!root || root->size() != 32)
    return fail(ErrorCode::malformed, "it is no checkpoint: SIZE:ROOT, or a signed note");
  const std::string_view size = note->lines[1];
  if (const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), checkpoint.size);
      error != std::errc{} || end != size.data() + size.size())
    return fail(ErrorCode::malformed, "it is no checkpoint: its second line is no number");
  checkpoint.root = to_hex(*root);
  const std::string origin = origin_of(store.core());
  if (note->lines[0] != origin) return fail(ErrorCode::tampered, "the checkpoint is of another store");
  const auto people = list_people(store);
  if (!people) return tl::unexpected(people.error());
  if (!signed_by_host(*note, origin, *people))
    return fail(ErrorCode::tampered, "the checkpoint is not signed by a host of this store");
  return checkpoint;
}

}  // namespace hw::db

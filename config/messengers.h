// The messengers whose handles are recognised: their names, links, the shape of a handle, and how it is made canonical.
//
// Read from messengers.yaml. A mistake is told with file, line, column and the mend; all mistakes of a file at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/verdict.h"

namespace hw::config {

// How much a name says by itself. "wickr" can only be the messenger; "tg" is short for it among people who use it;
// "signal" is a word of everyday language, so that what follows it must prove itself a handle.
enum class NameKind { plain, abbreviation, everyday };

struct MessengerName {
  std::string text;  // lower case, words apart by one space
  NameKind kind = NameKind::plain;
  bool operator==(const MessengerName&) const = default;
};

// What the service does with the case of a handle's letters: the canonical form does the same.
enum class LetterCase { kept, lower, upper };

struct HandleShape {
  HandleType type = HandleType::user;
  std::string shape;  // RE2, the whole handle without "@"; empty for a phone number, which has its own reader
  LetterCase letters = LetterCase::lower;
  // Nothing else looks like it (66 hexadecimal digits): it needs no label beside it, the messenger's name in the post
  // is enough.
  bool evident = false;
  bool distinct = false;  // ordinary text seldom fits it: believed beside an everyday name too
};

// "t.me/{handle}", "tg://resolve?domain={handle}". The host is compared without case, a scheme of http(s) and "www."
// may stand before it.
struct LinkForm {
  std::string form;
  HandleType type = HandleType::user;
};

struct Service {
  std::string opened;  // RFC 3339 days, empty where unknown or still running
  std::string closed;
  std::string note;
};

struct Messenger {
  std::string id;    // "wickr": stands in verdicts and in the store
  std::string name;  // "Wickr Me": for people
  std::vector<MessengerName> names;
  std::vector<HandleShape> handles;  // tried in this order
  std::vector<LinkForm> links;
  std::vector<std::string> reserved;  // what fits the shape and yet is the service's own: "joinchat", "invite"
  Service service;
};

struct Messengers {
  std::vector<Messenger> all;
  std::vector<std::string> between;       // words that may stand between a name and its handle: "is", "username"
  std::vector<std::string> third_person;  // patterns of what stands before a name when it is somebody else's
  // Patterns of what stands before a name when its author asks to be contacted; they end where the name begins.
  std::vector<std::string> invitations;
  // Words that are never a handle, whatever stands before them: "please", "back".
  std::vector<std::string> never;
  std::vector<std::string> never_shapes;  // patterns of the same for a whole word: "9pm", "config.json"
  std::vector<std::string> file_shapes;   // of names of files and sites: a handle only where a plain label says so
  std::string source;                     // the file's text, for the digest that stands in every verdict's record
};

Result<Messengers> parse_messengers(std::string_view text, std::string_view file);

}  // namespace hw::config

#include "classifier/language.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <string>
#include <unordered_set>

#include "common/text.h"

namespace hw::classifier {
namespace {

constexpr std::array<std::string_view, 10> kRead{"en", "de", "es", "fr", "pt", "it", "nl", "pl", "ru", "tr"};

// The commonest little words of those languages, folded; what is common to many other languages too ("a", "o", "i",
// "da") is left out.
constexpr std::string_view kLittleWords =
    "the and you that for with this have are was not but his her they she what all there when out about who get which "
    "would one my if "
    "just like know your can how it is of to we be "
    "und der die das ist nicht ich ein eine mit sich auf fur auch es wie wir aber oder noch nur wenn mein bin zu den "
    "von "
    "que los las una con por para como pero mas este esta todo muy tengo soy hay yo el y "
    "les des est pas vous nous dans sur pour avec qui une plus mais tout suis je ai et du au ce mon "
    "nao uma com por mas como isso voce ele ela muito meu minha tenho sou os um "
    "che non per sono una con piu come anche questo mio ciao ho il di gli della "
    "het een niet dat van ik zijn met voor maar ook wat mijn je heb ben de en "
    "nie jest sie na ze jak ale dla mam tak czy moj juz tylko przez "
    "ve bir bu icin ben cok ama var daha gibi ne degil benim "
    "и не что на я с как это но по все мне мы ты он она так для меня у было уже спасибо";

constexpr std::size_t kFewestWords = 10;
constexpr std::size_t kFewestForeign = 8;
constexpr std::size_t kOneIn = 25;  // of a text's words at least are little ones in the languages that are read

// Those words, and by their length and first byte whether a look-up is worth it.
class LittleWords {
 public:
  LittleWords() {
    for (const std::string_view word : split(kLittleWords, ' ')) {
      words_.insert(word);
      shapes_.set(shape(word));
    }
  }
  bool contains(std::string_view word) const { return shapes_.test(shape(word)) && words_.contains(word); }

 private:
  static std::size_t shape(std::string_view word) {
    const std::size_t first = static_cast<unsigned char>(word.front());
    const std::size_t last = static_cast<unsigned char>(word.back());
    return (std::min<std::size_t>(word.size(), 15) << 13U) | ((first & 0x7FU) << 6U) | (last & 0x3FU);
  }
  std::unordered_set<std::string_view> words_;
  std::bitset<1U << 17U> shapes_;
};

const LittleWords& little_words() {
  static const LittleWords words;
  return words;
}

bool is_read(std::string_view language) {
  const std::string primary = to_lower(language.substr(0, language.find_first_of("-_")));
  return std::find(kRead.begin(), kRead.end(), primary) != kRead.end();
}

// Cyrillic letters that Russian does not have: і ї є ґ ў ј љ њ ћ ђ џ.
bool holds_other_cyrillic(std::string_view folded) {
  const auto wide = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (std::none_of(folded.begin(), folded.end(), wide)) return false;
  constexpr std::string_view kLetters[] = {"і", "ї", "є", "ґ", "ў", "ј", "љ", "њ", "ћ", "ђ", "џ"};
  return std::any_of(std::begin(kLetters), std::end(kLetters),
                     [&](std::string_view letter) { return folded.find(letter) != std::string_view::npos; });
}

struct Count {
  std::size_t letters = 0;  // bytes of Latin and Cyrillic letters
  std::size_t foreign = 0;  // characters of other scripts
  std::size_t words = 0;
  std::size_t little = 0;
};

bool is_letter_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || c == '\'' || (byte >= 0x80 && byte < 0xE0);
}

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t'; }

// Words that hold digits, underscores and the like (handles, addresses) are no words here.
Count count(std::string_view folded) {
  Count out;
  const LittleWords& little = little_words();
  for (std::size_t i = 0; i < folded.size();) {
    std::size_t end = i;
    for (; end < folded.size() && !is_blank(folded[end]); ++end) {
      const auto byte = static_cast<unsigned char>(folded[end]);
      if (byte >= 'a' && byte <= 'z') ++out.letters;
      if (byte < 0x80) continue;
      if ((byte >= 0xCE && byte <= 0xCF) || (byte >= 0xD2 && byte < 0xF0))
        ++out.foreign;  // lead bytes; 0xE2 are mostly signs
      if (byte == 0xE2) --out.foreign;
      if (byte == 0xD0 || byte == 0xD1) ++out.letters;
    }
    std::string_view word = folded.substr(i, end - i);
    while (!word.empty() && !is_letter_byte(word.back())) word.remove_suffix(1);
    while (!word.empty() && !is_letter_byte(word.front())) word.remove_prefix(1);
    if (!word.empty() && std::all_of(word.begin(), word.end(), is_letter_byte)) {
      ++out.words;
      if (little.contains(word)) ++out.little;
    }
    i = end + 1;
  }
  return out;
}

}  // namespace

bool reads_ages_of(const Post& post, std::string_view folded) {
  if (!post.lang.empty() && post.lang != "und") return is_read(post.lang);
  const Count counted = count(folded);
  if (counted.foreign >= kFewestForeign && counted.foreign * 3 > counted.letters) return false;
  if (holds_other_cyrillic(folded)) return false;
  return counted.words < kFewestWords || counted.little * kOneIn >= counted.words;
}

}  // namespace hw::classifier

// Times as boards of other languages write them for people.
#include "parsers/date_words.h"

#include <doctest/doctest.h>

#include "parsers/forum_times.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::parsers;

namespace {

std::string time_written(std::string_view text) {
  const auto time = written_time(text, {Duration{0}, DayOrder::day_first, *parse_rfc3339("2026-11-22T10:00:00Z")});
  return time ? to_rfc3339(*time) : "none";
}

struct Written {
  const char* language;
  std::vector<const char*> in_full;           // the 5th of March 2026, 16:34
  const char* in_may;                         // the 9th of May 2026, 08:05
  const char* today;                          // 09:15
  const char* yesterday;                      // 23:15
  std::vector<const char*> an_hour_and_more;  // 3 hours ago
};

const std::vector<Written> kWritten{{"English",
                                     {"Thu Mar 5, 2026 4:34 pm", "5 March 2026, 16:34"},
                                     "9 May 2026, 8:05",
                                     "Today, 9:15 am",
                                     "Yesterday at 11:15 PM",
                                     {"3 hours ago", "3 Hours Ago"}},
                                    {"German",
                                     {"Do 5. Mär 2026, 16:34", "5. März 2026 um 16:34 Uhr"},
                                     "Sa 9. Mai 2026, 08:05",
                                     "Heute, 09:15",
                                     "Gestern um 23:15",
                                     {"vor 3 Stunden"}},
                                    {"French",
                                     {"jeu. 5 mars 2026 16:34", "Jeudi 05 Mars 2026, 16:34:00"},
                                     "mar. 9 mai 2026 08:05",
                                     "Aujourd'hui à 09:15",
                                     "Hier à 23:15",
                                     {"il y a 3 heures"}},
                                    {"Spanish",
                                     {"Jue 05 Mar 2026, 16:34", "5 de marzo de 2026, 16:34"},
                                     "9 de mayo de 2026, 08:05",
                                     "Hoy, 09:15",
                                     "Ayer a las 23:15",
                                     {"hace 3 horas"}},
                                    {"Portuguese",
                                     {"5 de março de 2026, 16:34", "Qui Mar 05, 2026 16:34"},
                                     "9 de maio de 2026, 08:05",
                                     "Hoje, 09:15",
                                     "Ontem às 23:15",
                                     {"há 3 horas"}},
                                    {"Italian",
                                     {"gio 5 mar 2026, 16:34", "5 marzo 2026, 16:34"},
                                     "9 maggio 2026, 08:05",
                                     "Oggi, 09:15",
                                     "Ieri alle 23:15",
                                     {"3 ore fa"}},
                                    {"Dutch",
                                     {"do 5 mrt 2026 16:34", "5 maart 2026, 16:34"},
                                     "9 mei 2026, 08:05",
                                     "Vandaag, 09:15",
                                     "Gisteren om 23:15",
                                     {"3 uur geleden"}},
                                    {"Polish",
                                     {"czw 5 mar 2026, 16:34", "5 marca 2026, 16:34"},
                                     "9 maja 2026, 08:05",
                                     "Dzisiaj, 09:15",
                                     "Wczoraj o 23:15",
                                     {"3 godziny temu"}},
                                    {"Russian",
                                     {"Чт 5 мар. 2026, 16:34", "5 марта 2026 г., 16:34"},
                                     "9 мая 2026, 08:05",
                                     "Сегодня, 09:15",
                                     "Вчера в 23:15",
                                     {"3 часа назад"}},
                                    {"Turkish",
                                     {"5 Mart 2026 Perşembe, 16:34", "5 Mar 2026, 16:34"},
                                     "9 Mayıs 2026, 08:05",
                                     "Bugün, 09:15",
                                     "Dün 23:15",
                                     {"3 saat önce"}}};

}  // namespace

TEST_CASE("dates, days and distances in ten languages") {
  for (const Written& written : kWritten) {
    CAPTURE(std::string(written.language));
    for (const char* text : written.in_full) CHECK_MESSAGE(time_written(text) == "2026-03-05T16:34:00Z", text);
    CHECK_MESSAGE(time_written(written.in_may) == "2026-05-09T08:05:00Z", written.in_may);
    CHECK_MESSAGE(time_written(written.today) == "2026-11-22T09:15:00Z", written.today);
    CHECK_MESSAGE(time_written(written.yesterday) == "2026-11-21T23:15:00Z", written.yesterday);
    for (const char* text : written.an_hour_and_more) CHECK_MESSAGE(time_written(text) == "2026-11-22T07:00:00Z", text);
  }
}

TEST_CASE("every month of every language, in full, is its own month") {
  const std::vector<std::vector<const char*>> kMonths{
      {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
       "Dezember"},
      {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
       "décembre"},
      {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
       "diciembre"},
      {"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro",
       "dezembro"},
      {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
       "novembre", "dicembre"},
      {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
       "december"},
      {"stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października",
       "listopada", "grudnia"},
      {"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
       "декабря"},
      {"Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"}};
  for (const auto& months : kMonths)
    for (unsigned i = 0; i < months.size(); ++i) {
      const auto words = date_words(months[i]);
      REQUIRE(words.size() == 1);
      CHECK_MESSAGE(month_named(words.front()) == i + 1, months[i]);
    }
}

TEST_CASE("a weekday alone is the last one, in any language; words that name no time give none") {
  // The 22nd of November 2026 is a Sunday.
  for (const char* text : {"Saturday at 4:34 PM", "Samstag um 16:34", "samedi à 16:34", "sábado a las 16:34",
                           "sabato alle 16:34", "zaterdag om 16:34", "суббота в 16:34", "Sat, 16:34"})
    CHECK_MESSAGE(time_written(text) == "2026-11-21T16:34:00Z", text);
  for (const char* text : {"", "in 3 Stunden", "dans 3 heures", "через 3 часа", "vor langer Zeit", "März 2026",
                           "5. Foo 2026, 16:34", "\xFF\xFE 5 : :", "vor 99999999999 Stunden", "Mittwoch"})
    CHECK_MESSAGE(time_written(text) == "none", text);
  CHECK(time_written("am 5. März 2026 um 12:34") == "2026-03-05T12:34:00Z");
}

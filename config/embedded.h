// The files of config/ that travel inside the binary, so that it runs from anywhere. UTF-8; they live as long as the
// process.
#pragma once

#include <string_view>

namespace hw::config {

std::string_view example_settings();         // handlewatch.yaml, commented, as `init` writes it
std::string_view embedded_messengers();      // messengers.yaml
std::string_view embedded_press_terms();     // rules/press-terms.yaml
std::string_view embedded_example_pack();    // rules/example.yaml: every feature of a pack, on a neutral matter
std::string_view embedded_context_rules();   // rules/context.yaml: what gives words and handles an innocent sense
std::string_view embedded_age_rules();       // rules/ages.yaml: stated and sought ages, calls for help
std::string_view embedded_ordinary_words();  // ordinary-words.txt: words that are no handles
std::string_view embedded_service_unit();    // handlewatch.service: a hardened systemd unit

}  // namespace hw::config

// The classifier as it is shipped, made once for all tests.
#pragma once

#include <doctest/doctest.h>

#include "classifier/classifier.h"
#include "config/embedded.h"
#include "tests/support/support.h"

namespace hw::test {

inline config::Messengers messengers() {
  auto messengers = config::parse_messengers(config::embedded_messengers(), "messengers.yaml");
  REQUIRE_OK(messengers);
  return *messengers;
}

inline config::RulePack press_terms() {
  auto pack = config::parse_rule_pack(config::embedded_press_terms(), "press-terms.yaml");
  REQUIRE_OK(pack);
  return *pack;
}

inline const classifier::Classifier& shipped() {
  static const classifier::Classifier classifier = [] {
    auto created = classifier::Classifier::create(messengers(), std::vector{press_terms()});
    REQUIRE_OK(created);
    return std::move(*created);
  }();
  return classifier;
}

}  // namespace hw::test

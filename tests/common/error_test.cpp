#include "common/error.h"

#include <doctest/doctest.h>

#include "common/verdict.h"

using namespace hw;

TEST_CASE("each layer says what it was doing, the code stays") {
  const Error inner = fail(ErrorCode::denied, "permission denied").value();
  const Error outer = within("reading keys/review.pub", inner).value();
  CHECK(outer.message == "reading keys/review.pub: permission denied");
  CHECK(outer.code == ErrorCode::denied);
}

TEST_CASE("every name in a verdict reads back as what it was written from") {
  for (const Band band : {Band::none, Band::low, Band::medium, Band::high}) CHECK(parse_band(to_string(band)) == band);
  for (const HandleType type : {HandleType::user, HandleType::phone, HandleType::invite})
    CHECK(parse_handle_type(to_string(type)) == type);
  for (const Intent intent : {Intent::advertised, Intent::mentioned}) CHECK(parse_intent(to_string(intent)) == intent);
  for (const Flag flag : {Flag::possible_minor, Flag::child_risk, Flag::seeks_help, Flag::age_unchecked,
                          Flag::counter_speech, Flag::quoted, Flag::news})
    CHECK(parse_flag(to_string(flag)) == flag);
  CHECK_FALSE(parse_band("None").has_value());
  CHECK_FALSE(parse_flag("").has_value());
}

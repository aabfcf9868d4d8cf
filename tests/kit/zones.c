/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/zones.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define ZONES PLATEN_SOURCE_DIR "/tests/fuzz/corpus/fuzz_base_zone/"

/* Kathmandu and Sao_Paulo: none. Casablanca and Gaza: listed year by year. Dublin: winter is the
 * exception. Lord_Howe: half an hour. Nuuk: on the evening before. Apia: a day was left out. */
const char *const kit_zones[KIT_ZONES] = {"Apia", "Casablanca", "Chatham", "Dublin", "Gaza",
	"Kathmandu", "London", "Lord_Howe", "New_York", "Nuuk", "Paris", "Sao_Paulo"};

size_t kit_zone_read(const char *name, uint8_t bytes[LIMIT_ZONE_BYTES])
{
	char path[512];
	(void)snprintf(path, sizeof path, ZONES "%s.tzif", name);
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	size_t n = fread(bytes, 1, LIMIT_ZONE_BYTES, f);
	assert_int_equal(fclose(f), 0);
	assert_in_range(n, 100, LIMIT_ZONE_BYTES - 1);
	return n;
}

void kit_zone_load(struct zone *z, const char *name)
{
	static uint8_t bytes[LIMIT_ZONE_BYTES];
	assert_int_equal(zone_parse(z, bytes, kit_zone_read(name, bytes)), 0);
}

void kit_zone_use_libc(const char *name)
{
	char tz[512];
	(void)snprintf(tz, sizeof tz, ":" ZONES "%s.tzif", name);
	assert_int_equal(setenv("TZ", tz, 1), 0);
	tzset();
}

/* SPDX-License-Identifier: Apache-2.0
 * Colorants in descriptions and in colorant tables. */
#include "proto/reading/reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void test_each_ink_has_its_colorant(void **state)
{
	(void)state;
	static const char *const rows[][2] = {{"Photo Black Ink", "photo_black"},
		{"Matte Black Ink", "matte_black"}, {"Cyan Ink", "cyan"},
		{"Light Cyan Ink", "light_cyan"}, {"Vivid Magenta Ink", "magenta"},
		{"Vivid Light Magenta Ink", "light_magenta"}, {"Light Gray Ink", "light_gray"},
		{"Gray", "gray"}, {"Grey ink tank", "gray"}, {"Orange Ink", "orange"},
		{"Green Ink", "green"}, {"Violet Ink", "violet"}, {"Chromatic Red", "red"},
		{"Light Light Black", "light_light_black"}, {"light black", "light_black"},
		{"lightcyan", "light_cyan"}, {"PhotoBlack", "photo_black"},
		{"Fotoschwarz", "photo_black"}, {"Mattschwarz 130 ml", "matte_black"},
		{"cyan clair", "light_cyan"}, {"Encre noir mat", "matte_black"},
		{"Magenta chiaro", "light_magenta"}, {"Pigment Black", "pigment_black"},
		{"Photo Gray", "photo_gray"}, {"Fluorescent Pink", "fluorescent_pink"},
		{"White Toner", "white"}, {"Clear Toner", "clear"}, {"PGBK", "pigment_black"},
		{"LM ink", "light_magenta"}, {"K", "black"}, {"Toner (schwarz)", "black"},
		{"HP Photosmart black", "black"}, {"Photoconductor Unit Black", "black"},
		{"Black Toner, PN 1", "black"}, {"Gr\xc3\xbcn", "green"}};
	static const char *const none[] = {"", "Waste Toner Box", "Cyan, magenta and yellow drums",
		"Fuser 220V", "Reduced roller", "C7115X", "Light", "Matrix head",
		"Maintenance kit"};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct text found = reading_colorant_of(text_of(rows[i][0]));
		if (!text_is(found, rows[i][1]))
			fail_msg("\"%s\": \"%.*s\"", rows[i][0], TEXT_ARG(found));
	}
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		struct text found = reading_colorant_of(text_of(none[i]));
		if (found.len > 0)
			fail_msg("\"%s\": \"%.*s\"", none[i], TEXT_ARG(found));
	}
}

static void test_description_refines_the_colorant(void **state)
{
	(void)state;
	static const char *const rows[][3] = {{"cyan", "Light Cyan Ink", "light_cyan"},
		{"", "Cyan Ink", "cyan"}, {"cyan", "Magenta Ink", "cyan"},
		{"cyan", "Ink 5", "cyan"}, {"light_cyan", "Cyan Ink", "light_cyan"},
		{"black", "Photo Black", "photo_black"}, {"other", "Orange", "other"}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_true(
			text_is(reading_finer_colorant(text_of(rows[i][0]), text_of(rows[i][1])),
				rows[i][2]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_ink_has_its_colorant),
		cmocka_unit_test(test_description_refines_the_colorant),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

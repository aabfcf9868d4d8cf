/* SPDX-License-Identifier: Apache-2.0
 * Colorants that printers give as sRGB (PWG 5101.1 has both forms): "#00FFFF" in marker-colors, in
 * printer-supply and in prtMarkerColorantValue. Some give the colour of the ink on paper, "#00AEEF"
 * for cyan, so the hue decides. */
#include "proto/reading/reading.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { RGB_DIGITS = 6, SHORT_DIGITS = 3 };

struct rgb {
	int red, green, blue; /* 0..255 */
};

static int digit_of(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

static size_t hex_digits(struct text t)
{
	size_t n = 0;
	while (n < t.len && isxdigit((unsigned char)t.p[n]))
		n++;
	return n;
}

static struct text after(struct text t, size_t n)
{
	return (struct text){t.p + n, t.len - n};
}

/* Takes one colour off the front: "#00FFFF", "#0FF", "0x00ffff". */
static bool take_rgb(struct text *t, struct rgb *ret)
{
	bool is_hash = t->len > 0 && t->p[0] == '#';
	bool is_hex = t->len > 1 && t->p[0] == '0' && (t->p[1] | 0x20) == 'x';
	struct text digits = after(*t, is_hash ? 1 : is_hex ? 2 : 0);
	size_t n = hex_digits(digits);
	if ((!is_hash && !is_hex) || (n != RGB_DIGITS && n != SHORT_DIGITS))
		return false;
	int v[RGB_DIGITS];
	for (size_t i = 0; i < n; i++)
		v[i] = digit_of(digits.p[i]);
	*ret = n == RGB_DIGITS ? (struct rgb){v[0] * 16 + v[1], v[2] * 16 + v[3], v[4] * 16 + v[5]}
			       : (struct rgb){v[0] * 17, v[1] * 17, v[2] * 17};
	*t = after(digits, n);
	return true;
}

static int max_of(int a, int b)
{
	return a > b ? a : b;
}

static int min_of(int a, int b)
{
	return a < b ? a : b;
}

/* Degrees of the colour circle: red 0, green 120, blue 240; spread is not 0. */
static int hue_of(struct rgb c, int max, int spread)
{
	int hue = max == c.red     ? 60 * (c.green - c.blue) / spread
		  : max == c.green ? 120 + 60 * (c.blue - c.red) / spread
				   : 240 + 60 * (c.red - c.green) / spread;
	return hue < 0 ? hue + 360 : hue;
}

static const char *name_of(struct rgb c)
{
	/* The last hue of each, and what it is called when mixed with much white. */
	static const struct {
		short last;
		const char *name, *light;
	} hues[] = {{14, "red", "red"}, {41, "orange", "orange"}, {74, "yellow", "yellow"},
		{159, "green", "green"}, {214, "cyan", "light_cyan"}, {264, "blue", "blue"},
		{289, "violet", "violet"}, {334, "magenta", "light_magenta"}, {360, "red", "red"}};
	enum { BLACK_MAX = 0x3f, WHITE_MIN = 0xf0, LIGHT_GRAY_MIN = 0xb8, GRAY = 12, PURE = 60 };
	int max = max_of(c.red, max_of(c.green, c.blue));
	int spread = max - min_of(c.red, min_of(c.green, c.blue));
	size_t i = 0;
	if (max <= BLACK_MAX)
		return "black";
	if (spread * 100 / max < GRAY)
		return max >= WHITE_MIN ? "white" : max >= LIGHT_GRAY_MIN ? "light_gray" : "gray";
	while (hues[i].last < hue_of(c, max, spread))
		i++;
	return spread * 100 / max < PURE ? hues[i].light : hues[i].name;
}

bool colorant_of_rgb(struct text t, struct text *ret)
{
	struct rgb c;
	const char *name = NULL;
	bool is_mixed = false;
	t = text_trimmed(t);
	if (!take_rgb(&t, &c))
		return false;
	do {
		is_mixed = is_mixed || (name != NULL && strcmp(name, name_of(c)) != 0);
		name = name_of(c);
		while (t.len > 0 && (t.p[0] == ',' || t.p[0] == ' '))
			t = after(t, 1);
	} while (take_rgb(&t, &c));
	if (t.len > 0)
		return false;
	*ret = is_mixed ? (struct text){NULL, 0} : text_of(name);
	return true;
}

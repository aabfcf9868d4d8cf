/* SPDX-License-Identifier: Apache-2.0
 * The rules of discovery.include and discovery.exclude: networks and patterns. */
#include "engine/conf/conf.h"

#include <ctype.h>
#include <string.h>

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Backtracks to the last '*' only, so it ends after at most |pattern| * |text| steps. */
static bool fits(const char *pattern, const char *text)
{
	const char *star = NULL, *back = NULL;
	if (text == NULL)
		return strcmp(pattern, "*") == 0;
	while (*text != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			back = text;
		} else if (*pattern != '\0' && (*pattern == '?' || same(*pattern, *text))) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star + 1;
			text = ++back;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

bool conf_rules_fit(const struct conf_rule *rules, const struct sockaddr *sa, const char *vendor,
	const char *model, const char *serial)
{
	for (const struct conf_rule *r = rules; r != NULL;
		r = (const struct conf_rule *)r->item.next) {
		if ((r->addresses == NULL || conf_nets_has(r->addresses, sa)) &&
			(r->vendor == NULL || fits(r->vendor, vendor)) &&
			(r->model == NULL || fits(r->model, model)) &&
			(r->serial == NULL || fits(r->serial, serial)))
			return true;
	}
	return false;
}

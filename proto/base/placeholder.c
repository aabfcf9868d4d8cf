/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/placeholder.h"

#include <ctype.h>
#include <string.h>

enum { WORD_MAX = 24 }; /* longest word of the list with its NUL, rounded up */

/* In upper case, without blanks and punctuation. */
static bool is_listed(const char *word)
{
	static const char *const words[] = {"DEFAULT", "DEFAULTSTRING", "DUMMY", "INVALID", "NA",
		"NIL", "NODATA", "NONE", "NOSERIAL", "NOSERIALNUMBER", "NOTAPPLICABLE",
		"NOTAVAILABLE", "NOTDEFINED", "NOTINITIALIZED", "NOTPRESENT", "NOTPROGRAMMED",
		"NOTREADABLE", "NOTSET", "NOTSPECIFIED", "NOTSUPPORTED", "NOVALUE", "NULL",
		"PLACEHOLDER", "TBD", "TOBEFILLEDBYOEM", "UNASSIGNED", "UNAVAILABLE", "UNDEFINED",
		"UNINITIALIZED", "UNKNOWN", "UNKNOWNMODEL", "UNKNOWNPRINTER", "UNKNOWNSERIAL",
		"UNSPECIFIED", "0123456789", "12345678", "123456789", "1234567890"};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (word[0] == words[i][0] && strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

/* Whether one character of any kind fills the text: "XXXX", "FFFFFFFF", "----". Fewer than four
 * may be a short name, "11" or "AA"; "XX" and zeros are none. */
static bool is_one_character(struct text t)
{
	enum { REPEATED_MIN = 4 };
	size_t n = 0;
	char first = '\0';
	for (size_t i = 0; i < t.len; i++) {
		char c = t.p[i];
		if (isspace((unsigned char)c))
			continue;
		first = n++ == 0 ? c : first;
		if (c != first)
			return false;
	}
	return n >= REPEATED_MIN || (n >= 2 && (first | 0x20) == 'x');
}

/* The second letters of the listed words with this first letter, and the zero of zeros; NULL: no
 * word begins with it. Most texts begin like no word of the list. */
static const char *second_letters(char first)
{
	switch (first) {
	case 'D':
		return "EU";
	case 'I':
		return "N";
	case 'N':
		return "AIOU";
	case 'P':
		return "L";
	case 'T':
		return "BO";
	case 'U':
		return "N";
	case '0':
		return "01";
	case '1':
		return "2";
	default:
		return NULL;
	}
}

bool text_is_placeholder(struct text t)
{
	char word[WORD_MAX];
	const char *second = NULL;
	size_t n = 0, zeros = 0;
	bool is_long = false;
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.p[i];
		/* U+FFFD stands for bytes that are not UTF-8, as the 0xff of erased memory. */
		if (c == 0xef && i + 2 < t.len && memcmp(t.p + i, "\xef\xbf\xbd", 3) == 0) {
			i += 2;
			continue;
		}
		bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		if (!is_letter && (c < '0' || c > '9') && c < 0x80)
			continue;
		zeros += c == '0';
		is_long = n + 1 == sizeof word;
		if (is_long)
			break;
		word[n++] = (char)(is_letter ? c & ~0x20 : c);
		if (n == 1)
			second = second_letters(word[0]);
		if (second == NULL || (n == 2 && strchr(second, word[1]) == NULL))
			return is_one_character(t);
	}
	word[n] = '\0';
	if (n == 0 || (zeros == n && !is_long) || is_one_character(t))
		return true;
	return !is_long && is_listed(word);
}

struct text text_known(struct text t)
{
	return text_is_placeholder(t) ? (struct text){NULL, 0} : t;
}

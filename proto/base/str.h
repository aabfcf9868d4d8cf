/* SPDX-License-Identifier: Apache-2.0
 * Text from outside becomes text of ours here: valid UTF-8, no control characters, cut at its
 * limit between characters. Numbers, durations and sizes are read whole or not at all. */
#ifndef PLATEN_BASE_STR_H
#define PLATEN_BASE_STR_H

#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Text owned elsewhere; not necessarily NUL-terminated. {NULL, 0} is "absent". */
struct text {
	const char *p;
	size_t len;
};

#define TEXT(literal) ((struct text){literal, sizeof(literal) - 1})
/* Behind a noun: "1 printer", "2 printers"; "1 address", "2 addresses". */
#define PLURAL_S(n) ((n) == 1 ? "" : "s")
#define PLURAL_ES(n) ((n) == 1 ? "" : "es")

/* For printf's "%.*s". */
#define TEXT_ARG(t) (int)(t).len, (t).p == NULL ? "" : (t).p

struct text text_of(const char *nul_terminated);
bool text_is(struct text t, const char *nul_terminated);
bool text_is_equal(struct text a, struct text b);
bool text_is_equal_nocase(struct text a, struct text b);          /* ASCII letters in any case */
bool text_starts_with(struct text t, const char *nul_terminated); /* ASCII letters in any case */
/* Without the white space around it (ASCII's, that of isspace). */
struct text text_trimmed(struct text t);

/* Takes the next entry off a list with commas between, trimmed; an empty list has one empty entry.
 * *list: what is left; NULL at the end, then false. */
bool text_take_entry(const char **list, struct text *entry);

/* Takes the next "key=value;" off the front of *rest, as in IEEE 1284 device ids and PWG 5100.13
 * supplies; `between` is '=' or ':'. A part without it is a value with an empty key; empty parts
 * are passed over. False at the end. */
bool text_take_pair(struct text *rest, char between, struct text *key, struct text *value);

/* Copies with a NUL behind, cut to cap - 1 bytes. Returns the length copied. */
size_t str_copy(char *dst, size_t cap, const char *src);

/* The same for foreign bytes: controls (C0, DEL, C1) become a blank, bytes that are not UTF-8
 * become U+FFFD, the text ends at the first NUL, outer blanks go, and the cut never splits a
 * character. Returns the length. */
size_t str_scrub(char *dst, size_t cap, const uint8_t *src, size_t len);
size_t text_scrub(char *dst, size_t cap, struct text t);

/* Whether no byte is above 0x7f; whether all are printable ASCII, 0x20 to 0x7e. */
bool str_is_ascii(const uint8_t *p, size_t len);
bool str_is_printable(const uint8_t *p, size_t len);
bool str_is_utf8(const uint8_t *p, size_t len);
/* Bytes of the UTF-8 character at p (RFC 3629: no overlong forms, no surrogates), or 0 if none
 * begins there. `left` is at least 1. */
size_t str_char_bytes(const uint8_t *p, size_t left);

/* Whole text or ERR_FORMAT / ERR_RANGE. */
int str_to_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret) MUST_USE;

/* "250ms" "15s" "1h30m" "7d" -> milliseconds. A bare 0 is allowed, other bare numbers not. */
int str_to_ms(const char *text, uint64_t *ret_ms) MUST_USE;

/* "64MiB" "512KiB" "1GiB" "4096B" -> bytes. */
int str_to_bytes(const char *text, uint64_t *ret_bytes) MUST_USE;

/* aa:bb:cc:dd:ee:ff; returns dst. */
const char *str_mac(char dst[18], const uint8_t mac[6]);
/* A hardware address with colons or hyphens; false, and `mac` as it was: it is none. */
bool str_to_mac(uint8_t mac[6], struct text t);

/* Its value, or -1. */
int str_hex_digit(char c);
/* Lower-case hex; dst has room for 2 n + 1. */
void str_hex(char *dst, const uint8_t *bytes, size_t n);
/* Returns the bytes written, or ERR_FORMAT / ERR_FULL. */
int str_unhex(uint8_t *dst, size_t cap, const char *hex, size_t hex_len) MUST_USE;

/* RFC 3339 in UTC with milliseconds, e.g. 2026-11-22T13:05:09.120Z; dst has room for 25. */
void str_utc(char dst[25], uint64_t unix_ms);

#endif

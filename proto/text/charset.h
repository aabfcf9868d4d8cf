/* SPDX-License-Identifier: Apache-2.0
 * Text in a printer's own character set becomes UTF-8. A printer names its set as an IANA MIBenum
 * (RFC 3805, prtLocalizationCharacterSet), and often wrongly: what is UTF-8 is taken as UTF-8
 * whatever was declared, and text that went through UTF-8 twice is brought back once.
 *
 * The tables are those of iconv(3). charset_open opens every set of a closed list once, at start:
 * only then are files read. Conversion afterwards opens nothing, takes no memory and is as good
 * with the machine's locale as without. The descriptors belong to this module and to the thread of
 * the loop; nothing else may convert at the same time.
 *
 * charset_open comes before the first reading; without it every set but UTF-8, US-ASCII and Latin-1
 * counts as not known. */
#ifndef PLATEN_TEXT_CHARSET_H
#define PLATEN_TEXT_CHARSET_H

#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Returns how many sets of the list this system has no table for (0 where glibc's gconv modules are
 * complete), for the log to say; their texts are read as Latin-1. May be called again. */
int charset_open(void) MUST_USE;

/* Writes the text as UTF-8 with a NUL behind it and returns its length, under the rules of
 * str_scrub: no controls, no outer blanks, cut between characters to cap - 1 bytes (and to
 * LIMIT_TEXT_LONG). In this order:
 *   - ASCII stays, and so does UTF-8 with at least one character beyond ASCII; a character that the
 *     printer cut at its end goes; UTF-8 over UTF-8 is undone once;
 *   - all else is read by mib_enum, what has no meaning there being U+FFFD;
 *   - a set that is not known is Latin-1, with U+FFFD for its controls. */
size_t charset_to_utf8(char *dst, size_t cap, int mib_enum, const uint8_t *src, size_t len);

/* HP's PML strings begin with two bytes, the number of a PCL symbol set (32 n + letter - 64 for
 * "8U", big-endian). The MIBenum of that set, or 0 when it is too short or not one of ours. */
int charset_of_pml(const uint8_t *p, size_t len);

#endif

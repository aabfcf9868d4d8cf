/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as a text in any set: the first byte picks the set, the second the room. The output is
 * UTF-8 without controls, within its room, and a beginning of what comes out with more. */
#include "proto/text/charset.c" /* its list of sets */

#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_text(const char *dst, size_t n, size_t cap)
{
	check(n < cap && dst[n] == '\0' && strlen(dst) == n);
	check(str_is_utf8((const uint8_t *)dst, n));
	check(n == 0 || (dst[0] != ' ' && dst[n - 1] != ' '));
	for (size_t i = 0; i < n; i++)
		check((uint8_t)dst[i] >= 0x20 && dst[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_begun;
	char whole[LIMIT_TEXT_LONG + 1], less[LIMIT_TEXT + 1];
	if (!is_begun)
		check(charset_open() >= 0);
	is_begun = true;
	if (size < 2)
		return 0;
	unsigned set = data[0] % (ROWS + 1u);
	int mib = set < ROWS ? rows[set].mib_enum : 0;
	size_t cap = (size_t)data[1] + 1;
	data += 2;
	size -= 2;
	size_t n = charset_to_utf8(whole, sizeof whole, mib, data, size);
	check_text(whole, n, sizeof whole);
	size_t m = charset_to_utf8(less, cap, mib, data, size);
	check_text(less, m, cap);
	check(m <= n && memcmp(less, whole, m) == 0);
	check(row_of(charset_of_pml(data, size)) >= 0 || charset_of_pml(data, size) == 0);
	return 0;
}

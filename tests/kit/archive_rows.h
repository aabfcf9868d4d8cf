/* SPDX-License-Identifier: Apache-2.0
 * Rows of the archive that the product writes and the tests read: every record of a device, and the
 * audit, newest first. Both return the number of rows, or the negative value of the callback. */
#ifndef PLATEN_TESTS_KIT_ARCHIVE_ROWS_H
#define PLATEN_TESTS_KIT_ARCHIVE_ROWS_H

#include "engine/store/archive_view.h"

struct archive_past {
	uint64_t seq, received_at_ms;
	bool is_clock_suspect;
	bool is_damaged; /* its checksum does not fit */
	size_t len;
};
typedef int archive_on_past(void *owner, const struct archive_past *p);
int archive_rows_of_device(
	const char *dir, struct text key, size_t max, archive_on_past *on_past, void *owner);

#endif

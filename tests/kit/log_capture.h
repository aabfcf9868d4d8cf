/* SPDX-License-Identifier: Apache-2.0
 * The log in a file or a pipe of the test: stderr leads there until it is restored. */
#ifndef PLATEN_KIT_LOG_CAPTURE_H
#define PLATEN_KIT_LOG_CAPTURE_H

/* The caller keeps `fd`. */
void log_capture(int fd);
void log_restore(void);

#endif

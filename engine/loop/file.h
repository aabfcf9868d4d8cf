/* SPDX-License-Identifier: Apache-2.0
 * Files, blocking: before the loop runs, in a job of a worker, or in a verb. */
#ifndef PLATEN_LOOP_FILE_H
#define PLATEN_LOOP_FILE_H

#include "proto/base/buf.h"
#include "proto/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends all that there is to read. ERR_LIMIT when it is as much as dst's maximum, or more. */
int file_read(struct buf *dst, int fd) MUST_USE;

/* Writes all of it, without a flush. */
int file_write(int fd, const void *bytes, size_t len) MUST_USE;

/* Opens a secret for reading. The file must be a regular one of this user's or root's that others
 * cannot read and other users cannot write (mode 0600, 0400 or 0640), except under
 * $CREDENTIALS_DIRECTORY, /run/secrets or a read-only mount, where the system looks after that. The
 * descriptor, -errno, or ERR_KEY; then a sentence in `why` names the file and the way out. */
int file_open_private(const char *path, char *why, size_t why_cap) MUST_USE;

/* Opens any regular file for reading. It never waits, as open() would for a pipe without a writer.
 * The descriptor, or -errno or ERR_KEY; then a sentence in `why`. */
int file_open_regular(const char *path, char *why, size_t why_cap) MUST_USE;

/* The same demand on a file that is open (O_PATH is enough). 0, or ERR_KEY with a sentence. */
int file_check_private(int fd, const char *path, char *why, size_t why_cap) MUST_USE;

/* Opens for reading a file that controls this program: a regular file or, if is_dir, a folder that
 * is this user's or root's and that other users cannot write; the same exceptions. Likewise. */
int file_open_trusted(const char *path, bool is_dir, char *why, size_t why_cap) MUST_USE;

/* Writes a whole file with mode 0600 beside `path` (PATH.new) and renames it: after a power cut
 * there is the old one or the new one. */
int file_replace(const char *path, const void *bytes, size_t len) MUST_USE;

/* A new file with mode 0600 that gets its name when it is whole: file_new opens it, without a name
 * where the file system can (O_TMPFILE), and file_name_it names it once it is written and flushed.
 * A program that ends before leaves nothing. Where the file system cannot, the name is there at
 * once: file_drop removes it. The descriptor, or -errno; -EEXIST: `path` exists. */
int file_new(const char *path) MUST_USE;
int file_name_it(int fd, const char *path) MUST_USE;
void file_drop(int fd, const char *path);

/* A file that was made, renamed or removed in `dir` stays so after a power cut. */
int file_sync_dir(const char *dir) MUST_USE;

#endif

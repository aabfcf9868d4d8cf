/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/store_fault.h"

static struct {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	/* The real file's methods with ours in front: all files of one VFS share them but for the
	 * ones without locks. */
	sqlite3_io_methods methods[4];
	const sqlite3_io_methods *methods_of[4];
	unsigned kinds;
	atomic_uint call; /* enum fault_call */
	atomic_int code;
	atomic_uint left; /* calls until it fails */
	atomic_bool is_forever;
	atomic_bool has_fired;
} fault;

static const sqlite3_io_methods *fault_real(sqlite3_file *file)
{
	for (unsigned i = 0; i < fault.kinds; i++) {
		if (file->pMethods == &fault.methods[i])
			return fault.methods_of[i];
	}
	return file->pMethods;
}

static int fault_now(enum fault_call call)
{
	if (atomic_load(&fault.call) != (unsigned)call)
		return SQLITE_OK;
	if (atomic_load(&fault.left) > 1) {
		atomic_fetch_sub(&fault.left, 1);
		return SQLITE_OK;
	}
	if (!atomic_load(&fault.is_forever))
		atomic_store(&fault.call, FAULT_NONE);
	atomic_store(&fault.has_fired, true);
	errno = EIO; /* SQLite asks for it */
	return atomic_load(&fault.code);
}

static int fault_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	int rc = fault_now(FAULT_WRITE);
	return rc != SQLITE_OK ? rc : fault_real(file)->xWrite(file, p, n, at);
}

/* The bytes are in the file when this fails, as with a real fsync. */
static int fault_sync(sqlite3_file *file, int flags)
{
	int rc = fault_now(FAULT_SYNC);
	return rc != SQLITE_OK ? rc : fault_real(file)->xSync(file, flags);
}

static int fault_read(sqlite3_file *file, void *p, int n, sqlite3_int64 at)
{
	int rc = fault_now(FAULT_READ);
	if (rc == SQLITE_IOERR_SHORT_READ)
		memset(p, 0, (size_t)n); /* what SQLite's contract asks for */
	return rc != SQLITE_OK ? rc : fault_real(file)->xRead(file, p, n, at);
}

static int fault_open(
	sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_out)
{
	(void)vfs;
	file->pMethods = NULL;
	int rc = fault_now(FAULT_OPEN);
	if (rc == SQLITE_OK)
		rc = fault.real->xOpen(fault.real, name, file, flags, flags_out);
	if (rc != SQLITE_OK || file->pMethods == NULL)
		return rc;
	unsigned i = 0;
	while (i < fault.kinds && fault.methods_of[i] != file->pMethods)
		i++;
	if (i == fault.kinds) {
		if (i == sizeof fault.methods / sizeof fault.methods[0])
			return SQLITE_OK; /* a kind too many is left alone */
		fault.methods_of[i] = file->pMethods;
		fault.methods[i] = *file->pMethods;
		fault.methods[i].xWrite = fault_write;
		fault.methods[i].xSync = fault_sync;
		fault.methods[i].xRead = fault_read;
		fault.kinds++;
	}
	file->pMethods = &fault.methods[i];
	return SQLITE_OK;
}

void fault_install(void)
{
	fault.real = sqlite3_vfs_find(NULL);
	fault.vfs = *fault.real;
	fault.vfs.zName = "fault";
	fault.vfs.xOpen = fault_open;
	if (sqlite3_vfs_register(&fault.vfs, 1) != SQLITE_OK)
		__builtin_trap();
}

void fault_remove(void)
{
	(void)sqlite3_vfs_unregister(&fault.vfs);
	(void)sqlite3_vfs_register(fault.real, 1);
	fault.kinds = 0;
}

void fault_arm(enum fault_call call, int code, unsigned n)
{
	atomic_store(&fault.has_fired, false);
	atomic_store(&fault.is_forever, false);
	atomic_store(&fault.code, code);
	atomic_store(&fault.left, n);
	atomic_store(&fault.call, call);
}

void fault_arm_from(enum fault_call call, int code, unsigned n)
{
	fault_arm(call, code, n);
	atomic_store(&fault.is_forever, true);
}

void fault_arm_forever(enum fault_call call, int code)
{
	fault_arm_from(call, code, 1);
}

bool fault_disarm(void)
{
	atomic_store(&fault.call, FAULT_NONE);
	return atomic_load(&fault.has_fired);
}

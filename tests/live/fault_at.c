/* SPDX-License-Identifier: Apache-2.0
 * Loaded before a program's libraries (LD_PRELOAD), it counts the calls of one class that the
 * program and its libraries make, and kills the process before the n-th call or lets that call
 * fail. FAULT_AT names a file that holds struct control; the test reads and writes it while the
 * program runs. Not instrumented, so that the allocations of a program under AddressSanitizer still
 * reach its allocator. FAULT_PATHS names a file of 64-bit numbers, the n-th of which becomes a hash
 * of the innermost calls that lead to the n-th allocation (all addresses must be the same at each
 * run: setarch -R). */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum call_class {
	CLASS_WRITE = 1,   /* writes to files and stream sockets */
	CLASS_SYNC = 2,    /* fsync, fdatasync */
	CLASS_FILE = 4,    /* open for creation, mkdir, rename, unlink, ftruncate */
	CLASS_OPEN = 8,    /* any other open */
	CLASS_MAP = 16,    /* mmap */
	CLASS_SOCKET = 32, /* socket, accept4 */
	CLASS_SEND = 64,   /* sendmsg, sendmmsg */
	CLASS_ALLOC = 128, /* malloc, calloc, realloc */
	CLASS_WAKE = 256,  /* writes to anything else: pipes and event counters between threads */
};

/* Values of `what` beside an errno. */
enum { DO_KILL = -1, DO_SHORT = -2 /* a write of half the bytes */ };

struct control {
	uint64_t classes; /* enum call_class that count */
	uint64_t count;   /* calls until now */
	uint64_t at;      /* the call that fails: its number; 0: none */
	int64_t what;
	uint64_t faults;   /* that happened */
	uint64_t no_syncs; /* not 0: syncs return 0 and do nothing (the control of a power cut) */
};

enum { PATHS = 1 << 20, PATH_DEPTH = 8 };

static struct control *control;
static uint64_t *paths; /* PATHS of them */
static __thread bool is_hashing;
static __thread bool is_unchecked; /* see snmp_sess_init */

static void *map_file(const char *name, size_t len)
{
	const char *path = getenv(name);
	int fd = path == NULL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	void *map = (void *)syscall(SYS_mmap, NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)syscall(SYS_close, fd);
	return map == MAP_FAILED ? NULL : map;
}

__attribute__((constructor)) static void begin(void)
{
	void *frame[1];
	uint64_t *map = map_file("FAULT_PATHS", PATHS * sizeof *paths);
	if (map != NULL)
		(void)backtrace(frame, 1); /* loads the unwinder */
	paths = map;
	control = map_file("FAULT_AT", sizeof *control);
}

/* Of this allocation: who called whom, without the frames of this file. */
static void note_path(uint64_t number)
{
	enum { OWN = 3 };
	void *frame[OWN + PATH_DEPTH];
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	if (paths == NULL || number > PATHS || is_hashing)
		return;
	is_hashing = true;
	int n = backtrace(frame, OWN + PATH_DEPTH);
	is_hashing = false;
	for (int i = OWN; i < n; i++)
		hash = (hash ^ (uint64_t)frame[i]) * UINT64_C(0x100000001b3);
	paths[number - 1] = hash;
}

/* Returns the fault of this call: 0, an errno, DO_SHORT; does not return from DO_KILL. */
static int fault(enum call_class class)
{
	struct control *c = control;
	if (c == NULL || (c->classes & class) == 0 || (class == CLASS_ALLOC && is_unchecked))
		return 0;
	uint64_t number = __atomic_add_fetch(&c->count, 1, __ATOMIC_SEQ_CST);
	if (class == CLASS_ALLOC)
		note_path(number);
	if (number != __atomic_load_n(&c->at, __ATOMIC_SEQ_CST))
		return 0;
	__atomic_add_fetch(&c->faults, 1, __ATOMIC_SEQ_CST);
	if (c->what == DO_KILL)
		(void)syscall(SYS_kill, getpid(), SIGKILL);
	return (int)c->what;
}

static int fails(enum call_class class)
{
	int err = fault(class);
	if (err > 0)
		errno = err;
	return err > 0;
}

static enum call_class class_of(int fd)
{
	struct stat st;
	bool is_outside =
		syscall(SYS_fstat, fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode));
	return is_outside ? CLASS_WRITE : CLASS_WAKE;
}

static size_t length(int fd, size_t len, int *is_failed)
{
	int err = fault(class_of(fd));
	*is_failed = err > 0;
	if (err > 0)
		errno = err;
	return err == DO_SHORT && len > 1 ? len / 2 : len;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	int is_failed;
	len = length(fd, len, &is_failed);
	return is_failed ? -1 : (ssize_t)syscall(SYS_write, fd, bytes, len);
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
	int err = fault(class_of(fd));
	if (err > 0) {
		errno = err;
		return -1;
	}
	return (ssize_t)syscall(SYS_writev, fd, parts, err == DO_SHORT ? 1 : n);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	int is_failed;
	len = length(fd, len, &is_failed);
	return is_failed ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, bytes, len, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return pwrite64(fd, bytes, len, at);
}

int fsync(int fd)
{
	if (control != NULL && control->no_syncs != 0)
		return 0;
	return fails(CLASS_SYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	if (control != NULL && control->no_syncs != 0)
		return 0;
	return fails(CLASS_SYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate64(int fd, off64_t len)
{
	return fails(CLASS_FILE) ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int ftruncate(int fd, off_t len)
{
	return ftruncate64(fd, len);
}

int unlink(const char *path)
{
	return fails(CLASS_FILE) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int rename(const char *from, const char *to)
{
	return fails(CLASS_FILE) ? -1 : (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int mkdir(const char *path, mode_t mode)
{
	return fails(CLASS_FILE) ? -1 : (int)syscall(SYS_mkdir, path, mode);
}

static int open_any(int dir, const char *path, int flags, mode_t mode)
{
	if (fails((flags & O_CREAT) != 0 ? CLASS_FILE : CLASS_OPEN))
		return -1;
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

#define MODE_OF(flags)                                                                             \
	va_list ap;                                                                                \
	va_start(ap, flags);                                                                       \
	mode_t mode = ((flags) & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0;             \
	va_end(ap)

int open(const char *path, int flags, ...)
{
	MODE_OF(flags);
	return open_any(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	MODE_OF(flags);
	return open_any(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	MODE_OF(flags);
	return open_any(dir, path, flags, mode);
}

void *mmap64(void *near, size_t len, int prot, int flags, int fd, off64_t at)
{
	return fails(CLASS_MAP) ? MAP_FAILED
				: (void *)syscall(SYS_mmap, near, len, prot, flags, fd, at);
}

void *mmap(void *near, size_t len, int prot, int flags, int fd, off_t at)
{
	return mmap64(near, len, prot, flags, fd, at);
}

int socket(int domain, int type, int protocol)
{
	return fails(CLASS_SOCKET) ? -1 : (int)syscall(SYS_socket, domain, type, protocol);
}

int accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
	return fails(CLASS_SOCKET) ? -1 : (int)syscall(SYS_accept4, fd, address, len, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	return fails(CLASS_SEND) ? -1 : (ssize_t)syscall(SYS_sendmsg, fd, message, flags);
}

int sendmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags)
{
	return fails(CLASS_SEND) ? -1 : (int)syscall(SYS_sendmmsg, fd, messages, n, flags);
}

/* Of Net-SNMP, at its first session: it does not check what it allocates, so these allocations do
 * not count. The programs make it at the start, after a trial allocation. */
void snmp_sess_init(void *session);
void snmp_sess_init(void *session)
{
	void (*real)(void *session);
	*(void **)&real = dlsym(RTLD_NEXT, "snmp_sess_init");
	is_unchecked = true;
	if (real != NULL)
		real(session);
	is_unchecked = false;
}

/* ---- memory: on to AddressSanitizer's allocator where it is there ---- */

extern void *__interceptor_malloc(size_t size) __attribute__((weak));
extern void *__interceptor_calloc(size_t n, size_t size) __attribute__((weak));
extern void *__interceptor_realloc(void *old, size_t size) __attribute__((weak));
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
	if (fails(CLASS_ALLOC))
		return NULL;
	return __interceptor_malloc != NULL ? __interceptor_malloc(size) : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	if (fails(CLASS_ALLOC))
		return NULL;
	return __interceptor_calloc != NULL ? __interceptor_calloc(n, size)
					    : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	if (fails(CLASS_ALLOC))
		return NULL;
	return __interceptor_realloc != NULL ? __interceptor_realloc(old, size)
					     : __libc_realloc(old, size);
}

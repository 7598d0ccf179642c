/** Shell for what must end with this process, even where SIGKILL or a crash leaves us no time to end it ourselves. */

/**
 * Runs the command `$@` in its own place; the kernel kills it when this process ends (PR_SET_PDEATHSIG). Where setpriv
 * cannot (that of BusyBox), the command ends when it next has something to print.
 */
export const tiedScript = `setpriv --pdeathsig KILL true 2>/dev/null && exec setpriv --pdeathsig KILL "$@"
exec "$@"`;

/**
 * Reads until this process has ended and so closed its pipe, then kills every process with the mark of one of
 * our runs.
 */
export const guardScript = `trap '' HUP INT QUIT TERM
read -r _
for round in 1 2 3 4 5 6 7 8 9 10; do
  found=$(grep -lsF "$1" /proc/[0-9]*/environ)
  [ -n "$found" ] || exit 0
  for file in $found; do file=\${file#/proc/}; kill -KILL "\${file%/*}"; done
done`;

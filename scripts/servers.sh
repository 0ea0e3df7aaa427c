#!/usr/bin/env bash
# Real PostgreSQL, MariaDB and OpenSSH servers for tests and measurements:
#
#   scripts/servers.sh COMMAND…     starts them, runs COMMAND, stops them
#   scripts/servers.sh              only installs what is missing
#
# The command finds them in TEST_POSTGRES_DSN and TEST_MYSQL_DSN, an owner of
# the database "exchange", and in TEST_SFTP_DSN, a user's directory; all on free
# ports of the loopback. The DSN of SFTP tells in its query the user's private key
# (key) and the server's public one (host_key), as files. Their files are below
# build/servers and gone afterwards, however the command ends. What is missing
# on the machine is installed: by root with apt-get, by anyone else below build/.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$PWD/build/tools

# find_programs: those of servers stand where no shell looks, some by version.
find_programs() {
    programs=$(printf '%s:' "$tools"/usr/lib/postgresql/*/bin /usr/lib/postgresql/*/bin)
    export PATH=$programs$plain_path:/usr/sbin:$tools/usr/bin:$tools/usr/sbin
}
plain_path=$PATH
find_programs

# need COMMAND PACKAGE: makes sure that a command can be called.
need() {
    command -v "$1" > /dev/null && return
    if [ "$(id -u)" = 0 ]; then
        installed=$(DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$2" 2>&1) ||
            installed=$(apt-get update 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$2" 2>&1) ||
            { printf '%s\ncannot install %s\n' "$installed" "$2" >&2; exit 1; }
    else
        unpack "$2"
    fi
    find_programs
    command -v "$1" > /dev/null || { echo "the package $2 has no command $1" >&2; exit 1; }
}

# unpack PACKAGE: unpacks it, and what it depends on and is not there, into build/.
unpack() {
    mkdir -p "$tools/packages"
    missing=$(apt-get install --simulate --no-install-recommends "$1" | awk '$1 == "Inst" { print $2 }')
    # shellcheck disable=SC2086 # one word a package
    (cd "$tools/packages" && apt-get download -q $missing) > /dev/null
    for package in "$tools"/packages/*.deb; do
        dpkg -x "$package" "$tools"
        rm "$package"
    done
}

need python3 python3 # a second program draws again
need curl curl # sends what the page of the platform shows
need setpriv util-linux
need initdb postgresql
need mariadbd mariadb-server-core
need mariadb mariadb-client-core
need sshd openssh-server
need ssh-keygen openssh-client
[ $# -gt 0 ] || exit 0

if [ -d "$tools" ]; then
    LD_LIBRARY_PATH=$(find "$tools" -name '*.so*' -printf '%h\n' | sort -u | paste -sd :)
    export LD_LIBRARY_PATH
fi

dir=$PWD/build/servers/$$
mkdir -p "$dir"
as_user=()
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses root
    as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    "${as_user[@]}" test -x "$dir" || { rmdir "$dir"; dir=$(mktemp -d); }
    chown 65534:65534 "$dir"
fi
started=()
stop() {
    kill -QUIT "${started[@]}" 2> /dev/null || true
    wait "${started[@]}" 2> /dev/null || true
    rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM

free_port() {
    while port=$((20000 + RANDOM % 12000)); (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do :; done
    echo "$port"
}

# start NAME READY COMMAND…: starts a server and waits until READY succeeds.
start() {
    name=$1 ready=$2
    shift 2
    "${as_user[@]}" "$@" > "$dir/$name.log" 2>&1 &
    started+=($!)
    for _ in $(seq 300); do
        $ready > /dev/null 2>&1 && return
        kill -0 "${started[-1]}" 2> /dev/null || break
        sleep 0.1
    done
    tail -n 20 "$dir/$name.log" >&2
    echo "$name did not start" >&2
    exit 1
}

# make NAME COMMAND…: makes a server's files, in the background.
make() {
    name=$1
    shift
    "${as_user[@]}" "$@" > "$dir/make-$name.log" 2>&1 || { cat "$dir/make-$name.log" >&2; return 1; }
}
mysql_base=$(dirname "$(dirname "$(command -v mariadb-install-db)")")
make postgres initdb -D "$dir/postgres" -U exchange -A trust -E UTF8 --locale=C.UTF-8 --no-sync &
making=$!
make mysql mariadb-install-db --no-defaults --basedir="$mysql_base" --datadir="$dir/mysql" --skip-test-db --skip-name-resolve
wait "$making"

postgres_port=$(free_port)
in_postgres() { psql -h 127.0.0.1 -p "$postgres_port" -U exchange -d postgres -qAtc "$1"; }
start postgres 'in_postgres select' postgres -D "$dir/postgres" -p "$postgres_port" -h 127.0.0.1 -k "$dir"
in_postgres 'create database exchange'

mysql_port=$(free_port)
in_mysql() { mariadb --no-defaults -h 127.0.0.1 -P "$mysql_port" -u exchange -pexchange exchange -e "$1"; }
cat > "$dir/init.sql" << 'SQL'
create database exchange character set utf8mb4;
create user exchange@'%' identified by 'exchange';
grant all on *.* to exchange@'%' with grant option;
SQL
start mysql 'in_mysql select/**/1' mariadbd --no-defaults --basedir="$mysql_base" --datadir="$dir/mysql" --socket="$dir/mysql.sock" \
    --pid-file="$dir/mysql.pid" --port="$mysql_port" --bind-address=127.0.0.1 --skip-name-resolve --character-set-server=utf8mb4 \
    --init-file="$dir/init.sql" --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=64M --innodb-flush-method=nosync

# The server of files runs as whoever calls, who is the only user it can log in.
mkdir -m 700 "$dir/sftp" "$dir/sftp/files"
ssh-keygen -q -t ed25519 -N '' -f "$dir/sftp/host_key"
ssh-keygen -q -t ed25519 -N '' -f "$dir/sftp/user_key"
sftp_port=$(free_port)
cat > "$dir/sftp/sshd_config" << EOF
Port $sftp_port
ListenAddress 127.0.0.1
HostKey $dir/sftp/host_key
AuthorizedKeysFile $dir/sftp/user_key.pub
PidFile $dir/sftp/sshd.pid
Subsystem sftp $(find /usr/lib/openssh "$tools/usr/lib/openssh" -name sftp-server 2> /dev/null | head -n 1)
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
MaxStartups 100
EOF
sftp_user=$(id -un)
# Before it splits its privileges, sshd asks for its own full name and, of root, for an empty directory.
if [ "$(id -u)" = 0 ]; then mkdir -p /run/sshd; fi
as_user=()
start sftp "ssh-keyscan -p $sftp_port 127.0.0.1" "$(command -v sshd)" -D -e -f "$dir/sftp/sshd_config"

export TEST_SFTP_DSN="sftp://$sftp_user@127.0.0.1:$sftp_port$dir/sftp/files?key=$dir/sftp/user_key&host_key=$dir/sftp/host_key.pub"
export TEST_POSTGRES_DSN="postgres://exchange@127.0.0.1:$postgres_port/exchange"
export TEST_MYSQL_DSN="exchange:exchange@tcp(127.0.0.1:$mysql_port)/exchange"
"$@"

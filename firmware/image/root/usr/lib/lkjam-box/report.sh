#!/bin/sh
# How this machine came up, in lines that a program can read, on the console.
exec >/dev/console 2>&1
state=starting
tries=0
while [ $tries -lt 300 ]; do
    state=$(systemctl is-active lkjam-box)
    case $state in active | failed) break ;; esac
    tries=$((tries + 1))
    sleep 1
done
echo "report begin"
echo "report uptime_s $(cut -d' ' -f1 /proc/uptime)"
echo "report model $(tr -d '\0' </proc/device-tree/model)"
echo "report kernel $(uname -rv)"
echo "report realtime $(cat /sys/kernel/realtime 2>/dev/null || echo 0)"
echo "report service $state"
echo "report root $(awk '$2 == "/" {print $4}' /proc/mounts | tail -n 1)"
echo "report state $(awk '$2 == "/var/lib/lkjam-box" {print $1, $4}' /proc/mounts)"
echo "report swap $(($(wc -l </proc/swaps) - 1))"
echo "report failed $(systemctl list-units --failed --plain --no-legend | cut -d' ' -f1 | tr '\n' ' ')"
echo "report ports $(ss -Hlntu | awk '{print $1 ":" $5}' | tr '\n' ' ')"
echo "report isolated $(cat /sys/devices/system/cpu/isolated)"
echo "report din $(ls /dev/ttyAMA0 2>/dev/null)"
echo "report files $(ls /run/lkjam-files /run/lkjam-files/progressions | tr '\n' ' ')"
echo "report writable $(touch /etc/lkjam-try 2>/dev/null && echo yes || echo no)"
/opt/lkjam-box/bin/lkjam-box check --config /etc/lkjam-box.yaml | sed 's/^/report check /'
/opt/lkjam-box/bin/lkjam-box check --config /etc/lkjam-box.yaml >/dev/null && result=0 || result=$?
echo "report check_result $result"
echo "report uptime_end_s $(cut -d' ' -f1 /proc/uptime)"
systemd-analyze 2>/dev/null | sed 's/^/report time /'
systemd-analyze critical-chain lkjam-box.service 2>/dev/null | sed 's/^/report chain /'
journalctl -b --no-pager -u lkjam-box -u lkjam-box-files -u lkjam-box-tune | tail -n 30 | sed 's/^/report log /'
echo "report end"

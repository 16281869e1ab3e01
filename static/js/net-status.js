/* net-status */

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <g>
        <path d="M6 11c3.3-3 6.7-3 10 0s6.7 3 10 0" />
        <path d="M6 17c3.3-3 6.7-3 10 0s6.7 3 10 0" opacity=".75" />
        <path d="M6 23c3.3-3 6.7-3 10 0s6.7 3 10 0" opacity=".5" />
      </g>
    </svg>
  );
}

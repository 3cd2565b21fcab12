FROM node:24-alpine AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json tsconfig.client.json ./
COPY vite.cli.config.ts vite.client.config.ts vite.client-webrtc.config.ts ./
COPY src ./src
COPY routes ./routes
COPY openapi ./openapi
COPY web-demo ./web-demo
RUN npm run build
RUN npm prune --omit=dev

FROM node:24-alpine
ENV NODE_ENV=production
ENV RCSP_GATEWAY_LISTEN=0.0.0.0:8080
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["node", "-e", "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; fetch((process.env.RCSP_GATEWAY_TLS_CERT ? 'https' : 'http') + '://127.0.0.1:' + process.env.RCSP_GATEWAY_LISTEN.split(':').pop() + '/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/src/cli/main.js"]
CMD ["serve"]

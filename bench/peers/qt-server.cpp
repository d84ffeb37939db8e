// Qt's server, doing what serve.mjs describes: echo, or broadcast to everybody; TLS is left out.
#include <QCoreApplication>
#include <QList>
#include <QSocketNotifier>
#include <QWebSocket>
#include <QWebSocketServer>
#include <cstdio>
#include <cstring>
#include <unistd.h>

int main(int argc, char **argv) {
  QCoreApplication app(argc, argv);
  const bool everybody = argc > 1 && std::strstr(argv[1], "broadcast") != nullptr;
  QWebSocketServer server(QStringLiteral("qt"), QWebSocketServer::NonSecureMode);
  server.setMaxPendingConnections(1024);
  if (!server.listen(QHostAddress::LocalHost, 0)) return 1;

  QList<QWebSocket *> open;
  QObject::connect(&server, &QWebSocketServer::newConnection, [&] {
    while (QWebSocket *socket = server.nextPendingConnection()) {
      open.append(socket);
      socket->setOutgoingFrameSize(QWebSocket::maxOutgoingFrameSize()); // in one frame, as all others send: replies are counted by their octets
      QObject::connect(socket, &QWebSocket::textMessageReceived, [&, socket](const QString &text) {
        if (!everybody) socket->sendTextMessage(text);
        else for (QWebSocket *one : open) one->sendTextMessage(text);
      });
      QObject::connect(socket, &QWebSocket::binaryMessageReceived, [&, socket](const QByteArray &data) {
        if (!everybody) socket->sendBinaryMessage(data);
        else for (QWebSocket *one : open) one->sendBinaryMessage(data);
      });
      QObject::connect(socket, &QWebSocket::disconnected, [&, socket] {
        open.removeOne(socket);
        socket->deleteLater();
      });
    }
  });

  // It ends when its stdin ends.
  QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
  QObject::connect(&input, &QSocketNotifier::activated, [&] {
    char octets[64];
    if (read(STDIN_FILENO, octets, sizeof octets) <= 0) app.quit();
  });

  std::printf("{\"port\":%d}\n", server.serverPort());
  std::fflush(stdout);
  return app.exec();
}

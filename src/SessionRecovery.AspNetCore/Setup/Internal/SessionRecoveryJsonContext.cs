using System.Text.Json.Serialization;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Files.Internal;
using SessionRecovery.AspNetCore.Health.Internal;
using SessionRecovery.AspNetCore.Recovery.Internal;
using SessionRecovery.AspNetCore.Sessions.Internal;

namespace SessionRecovery.AspNetCore.Setup.Internal;

/// <summary>
/// Serializes the request and response types of all features. JSON members are in snake_case, regardless of the host's JSON settings.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CreditHistoryResponse))]
[JsonSerializable(typeof(VerifyRequest))]
[JsonSerializable(typeof(VerifyResponse))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(RecoverRequest))]
[JsonSerializable(typeof(RecoverResponse))]
[JsonSerializable(typeof(FileResponse))]
[JsonSerializable(typeof(FileListResponse))]
[JsonSerializable(typeof(FileLinkResponse))]
[JsonSerializable(typeof(AlreadyCompletedResponse))]
internal sealed partial class SessionRecoveryJsonContext : JsonSerializerContext;
